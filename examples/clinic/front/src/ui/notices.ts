/// What is said to the person: one quiet line, and at most one offer to undo. Never blocks anything.

const offerMs = 8000
const quietMs = 4000

export interface Offer {
  readonly text: string
  readonly action: string
  run(): void
}

export class Notices {
  line = ''
  isTrouble = false
  offer: Offer | null = null
  private lineTimer: ReturnType<typeof setTimeout> | undefined
  private offerTimer: ReturnType<typeof setTimeout> | undefined
  private readonly listeners = new Set<() => void>()

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  quiet(text: string): void {
    this.say(text, false)
    this.lineTimer = setTimeout(() => this.say('', false), quietMs)
  }

  /** Stays until something else is said. */
  trouble(text: string): void {
    this.say(text, true)
    console.warn(text)
  }

  offerUndo(text: string, run: () => void): void {
    clearTimeout(this.offerTimer)
    this.offer = { text, action: 'Undo', run }
    this.offerTimer = setTimeout(() => this.dismiss(), offerMs)
    this.changed()
  }

  takeOffer(): void {
    const offer = this.offer
    this.dismiss()
    offer?.run()
  }

  dismiss(): void {
    clearTimeout(this.offerTimer)
    this.offer = null
    this.changed()
  }

  private say(text: string, isTrouble: boolean): void {
    clearTimeout(this.lineTimer)
    this.line = text
    this.isTrouble = isTrouble
    this.changed()
  }

  private changed(): void {
    for (const listener of this.listeners) listener()
  }
}
