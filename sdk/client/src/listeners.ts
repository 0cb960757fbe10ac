/// A set of callbacks. One that throws does not keep the others from hearing.

export class Listeners<Arguments extends unknown[] = []> {
  readonly #callbacks = new Set<{ readonly call: (...values: Arguments) => void }>()

  get size(): number {
    return this.#callbacks.size
  }

  /** The result takes the callback away again; the same function may be added twice. */
  add(call: (...values: Arguments) => void): () => void {
    const entry = { call }
    this.#callbacks.add(entry)
    return () => {
      this.#callbacks.delete(entry)
    }
  }

  emit(...values: Arguments): void {
    for (const { call } of [...this.#callbacks]) {
      try {
        call(...values)
      } catch (problem) {
        // As an event handler's exception: told to the console, not to whoever delivered the event.
        console.error(problem)
      }
    }
  }
}
