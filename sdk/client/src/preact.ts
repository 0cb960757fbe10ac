/// Hooks for Preact 10.11 and later.

import { type ComponentChildren, createContext, h } from 'preact'
import { useSyncExternalStore } from 'preact/compat'
import { useContext, useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { AnyClient } from './client.ts'
import { type HookLibrary, makeHooks } from './hooks.ts'

const ClientContext = createContext<AnyClient | undefined>(undefined)

/** Gives the hooks below it their client. */
export function DunlinProvider({
  client,
  children,
}: {
  client: AnyClient
  children?: ComponentChildren
}) {
  return h(ClientContext.Provider, { value: client }, children)
}

const library: HookLibrary = {
  useEffect: useEffect as HookLibrary['useEffect'],
  useLayoutEffect: useLayoutEffect as HookLibrary['useLayoutEffect'],
  useMemo: useMemo as HookLibrary['useMemo'],
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
