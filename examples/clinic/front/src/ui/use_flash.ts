import { useEffect, useRef, useState } from 'preact/hooks'

const flashMs = 1600

/** True for a moment after `mark` grew: somebody else changed what is shown. */
export function useFlash(mark: number): boolean {
  const seen = useRef(0)
  const [isFlashing, setFlashing] = useState(false)
  useEffect(() => {
    if (mark === seen.current) return
    seen.current = mark
    setFlashing(true)
    const timer = setTimeout(() => setFlashing(false), flashMs)
    return () => clearTimeout(timer)
  }, [mark])
  return isFlashing
}
