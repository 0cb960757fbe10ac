import { useEffect, useState } from 'preact/hooks'

interface Changing {
  subscribe(listener: () => void): () => void
}

/** Renders the component again whenever one of `sources` changes. */
export function useChanges(...sources: readonly Changing[]): void {
  const [, count] = useState(0)
  const render = () => count((renders) => renders + 1)
  useEffect(() => {
    const ends = sources.map((source) => source.subscribe(render))
    // What changed between the first render and now.
    render()
    return () => {
      for (const end of ends) end()
    }
  }, sources)
}
