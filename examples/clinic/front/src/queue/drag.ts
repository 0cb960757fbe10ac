/// Dragging a card up and down a list with mouse, pen or finger.

const thresholdPx = 4
const edgePx = 60
const scrollStepPx = 12

interface Drag {
  readonly list: HTMLElement
  readonly card: HTMLElement
  readonly cards: readonly HTMLElement[]
  readonly middles: readonly number[]
  readonly from: number
  readonly shift: number
  readonly startY: number
  to: number
}

/**
 * Follows the pointer from `event` until it is let go. `drop` gets the id of the card that the dragged
 * one was put after (null: none), and is not called when it was not moved or Escape was pressed.
 */
export function startDrag(
  event: PointerEvent,
  card: HTMLElement,
  drop: (afterId: string | null) => void,
): void {
  const list = card.parentElement
  if (list === null || event.button !== 0) return
  const drag = measure(list, card, event.clientY + scrollY)
  let isMoving = false
  const ending = new AbortController()
  const end = (isDrop: boolean) => {
    ending.abort()
    clear(drag)
    if (!isMoving || !isDrop || drag.to === drag.from) return
    const others = drag.cards.filter((other) => other !== card)
    drop(others[drag.to - 1]?.dataset.id ?? null)
  }
  const options = { signal: ending.signal }
  const move = (moved: PointerEvent) => {
    const distance = moved.clientY + scrollY - drag.startY
    if (!isMoving && Math.abs(distance) < thresholdPx) return
    if (!isMoving) card.setPointerCapture(event.pointerId)
    isMoving = true
    scrollAtEdge(moved.clientY)
    show(drag, distance)
  }
  addEventListener('pointermove', move, options)
  addEventListener('pointerup', () => end(true), options)
  addEventListener('pointercancel', () => end(false), options)
  addEventListener('keydown', (key) => key.key === 'Escape' && end(false), options)
}

function measure(list: HTMLElement, card: HTMLElement, startY: number): Drag {
  const cards = [...list.querySelectorAll<HTMLElement>(':scope > [data-id]')]
  const middles = cards.map((other) => other.offsetTop + other.offsetHeight / 2)
  const from = cards.indexOf(card)
  const gap = Number.parseFloat(getComputedStyle(list).rowGap) || 0
  return { list, card, cards, middles, from, shift: card.offsetHeight + gap, startY, to: from }
}

function show(drag: Drag, distance: number): void {
  const middle = (drag.middles[drag.from] ?? 0) + distance
  drag.to = drag.middles.filter((other, index) => index !== drag.from && other < middle).length
  drag.card.dataset.dragging = ''
  drag.list.dataset.dragging = ''
  drag.card.style.transform = `translateY(${distance}px)`
  drag.cards.forEach((other, index) => {
    if (other === drag.card) return
    const goesUp = index > drag.from && index <= drag.to
    const goesDown = index < drag.from && index >= drag.to
    const offset = goesUp ? -drag.shift : goesDown ? drag.shift : 0
    other.style.transform = offset === 0 ? '' : `translateY(${offset}px)`
  })
}

function clear(drag: Drag): void {
  delete drag.card.dataset.dragging
  delete drag.list.dataset.dragging
  for (const card of drag.cards) card.style.transform = ''
}

function scrollAtEdge(y: number): void {
  if (y < edgePx) scrollBy(0, -scrollStepPx)
  if (y > innerHeight - edgePx) scrollBy(0, scrollStepPx)
}
