/// Timers that do not keep a process of Node alive by themselves.

export type Timer = ReturnType<typeof setTimeout>

export function startTimer(run: () => void, delayMs: number): Timer {
  return unref(setTimeout(run, delayMs))
}

export function startInterval(run: () => void, intervalMs: number): Timer {
  return unref(setInterval(run, intervalMs))
}

/** A pause that `wake` ends early. */
export class Pause {
  #end: (() => void) | undefined

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = startTimer(() => this.#end?.(), delayMs)
      this.#end = () => {
        clearTimeout(timer)
        this.#end = undefined
        resolve()
      }
    })
  }

  wake(): void {
    this.#end?.()
  }
}

function unref(timer: Timer): Timer {
  // Node's timers are objects, a browser's are numbers.
  const handle = timer as unknown as { unref?: () => void }
  handle.unref?.()
  return timer
}
