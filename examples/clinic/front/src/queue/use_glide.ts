import { useLayoutEffect, useRef } from 'preact/hooks'

const glideMs = 220

/**
 * Cards that a change has moved glide to their new places. Returns the list's ref, and a function that
 * skips the next glide (after a drag, when the cards are where they belong already).
 */
export function useGlide() {
  const list = useRef<HTMLOListElement>(null)
  const places = useRef(new Map<string, number>())
  const skips = useRef(false)
  useLayoutEffect(() => {
    const next = new Map<string, number>()
    for (const card of list.current?.querySelectorAll<HTMLElement>(':scope > [data-id]') ?? []) {
      const id = card.dataset.id ?? ''
      const before = places.current.get(id)
      next.set(id, card.offsetTop)
      if (before !== undefined && before !== card.offsetTop && !skips.current) {
        glide(card, before - card.offsetTop)
      }
    }
    places.current = next
    skips.current = false
  })
  return {
    list,
    skipNext: () => {
      skips.current = true
    },
  }
}

function glide(card: HTMLElement, distance: number): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  card.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], {
    duration: glideMs,
    easing: 'ease-out',
  })
}
