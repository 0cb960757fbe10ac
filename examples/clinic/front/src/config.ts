/// Where the server is and which key opens it.

/**
 * The public key of `dunlin serve --dev`: the same on every machine, so it protects nothing and may
 * stand here. A project's own key (`dunlin keys FOLDER`) comes in through
 * `<meta name="dunlin-anon-key" content="…">`.
 */
const developmentAnonKey =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0'

export const anonKey =
  document.querySelector<HTMLMetaElement>('meta[name="dunlin-anon-key"]')?.content ||
  developmentAnonKey

export const serverUrl = location.origin
