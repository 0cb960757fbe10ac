import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { anonKey, serverUrl } from './config'
import { SignInFetch } from './sign_in/account'
import { deviceHeaders } from './sign_in/device'

/** A dead network is noticed after two missed heartbeats. */
const heartbeatIntervalMs = 5000
const reconnectDelaysMs = [250, 500, 1000]
const reconnectDelayMaxMs = 2000

export const wire = new SignInFetch()

export const client: SupabaseClient = createClient(serverUrl, anonKey, {
  auth: { storageKey: 'clinic.session', detectSessionInUrl: false },
  global: { headers: deviceHeaders(), fetch: wire.fetch },
  realtime: {
    heartbeatIntervalMs,
    reconnectAfterMs: (tries: number) => reconnectDelaysMs[tries - 1] ?? reconnectDelayMaxMs,
  },
})
