/// Hooks for React 18 and later.

import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react'
import type { AnyClient } from './client.ts'
import { type HookLibrary, makeHooks } from './hooks.ts'

const ClientContext = createContext<AnyClient | undefined>(undefined)

/** Gives the hooks below it their client. */
export function DunlinProvider({ client, children }: { client: AnyClient; children?: ReactNode }) {
  return createElement(ClientContext.Provider, { value: client }, children)
}

const library: HookLibrary = {
  useEffect,
  // React 18 complains about it on servers, where neither runs.
  useLayoutEffect: typeof document === 'undefined' ? useEffect : useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
}

export const { useLiveQuery, useRealtimeSync, useConnectionStatus, useClient } = makeHooks(
  library,
  () => useContext(ClientContext),
)
export type {
  RealtimeSync,
  SyncEvent,
  UseLiveQueryOptions,
  UseRealtimeSyncOptions,
} from './hooks.ts'
