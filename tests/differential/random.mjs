/// Random choices that a printed seed repeats.

/** What a run uses unless DUNLIN_SEED says otherwise; every failure prints it. */
export const seed = Number(process.env.DUNLIN_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** How many cases of a kind: `short` in CI, twenty times as many with `./dev test --long`. */
export const howMany = (short) => (process.env.DUNLIN_LONG ? short * 20 : short)

export class Random {
  #state

  constructor(state) {
    this.#state = state >>> 0
  }

  /** Uniform in [0, 1): Marsaglia's xorshift, 32 bits, with a multiplier against its weak bits. */
  next() {
    let x = this.#state || 0x9e3779b9
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return (Math.imul(this.#state, 0x2545f491) >>> 0) / 2 ** 32
  }

  below = (count) => Math.floor(this.next() * count)
  chance = (probability) => this.next() < probability
  of = (list) => list[this.below(list.length)]

  /** Between `least` and `most` of what `make` makes. */
  several(least, most, make) {
    return Array.from({ length: least + this.below(most - least + 1) }, () => make())
  }

  /** Some of `list`, in its order. */
  some = (list, probability) => list.filter(() => this.chance(probability))
}
