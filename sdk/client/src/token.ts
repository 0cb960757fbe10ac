/// Reads whose token it is. Nothing is proved here: that is the server's part.

/** The `sub` of a JSON Web Token (RFC 7519, section 4.1.2); undefined when it is nobody's or no token. */
export function subjectOf(token: string): string | undefined {
  const body = token.split('.')[1]
  if (body === undefined) return undefined
  try {
    const text = atob(body.replaceAll('-', '+').replaceAll('_', '/'))
    const claims: unknown = JSON.parse(text)
    const subject = (claims as { sub?: unknown } | null)?.sub
    return typeof subject === 'string' ? subject : undefined
  } catch {
    return undefined
  }
}
