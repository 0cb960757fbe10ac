import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { anonKey, serverUrl } from './config'

/** A dead network is noticed after two missed heartbeats. */
const heartbeatIntervalMs = 5000
const reconnectDelaysMs = [250, 500, 1000]
const reconnectDelayMaxMs = 2000

export const client: SupabaseClient = createClient(serverUrl, anonKey, {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  realtime: {
    heartbeatIntervalMs,
    reconnectAfterMs: (tries: number) => reconnectDelaysMs[tries - 1] ?? reconnectDelayMaxMs,
  },
})
