/// What a browser does in a sign-in with another provider, and what an application of its own gets there.

import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { openLink } from './flows.mjs'

/** A port that was free a moment ago: a provider has to know the server's URL before it starts. */
export async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

export const sha256 = (text, encoding) => createHash('sha256').update(text).digest(encoding)

/** A browser with its cookies. */
export class Browser {
  cookies = new Map()

  constructor(provider) {
    this.provider = provider
  }

  get headers() {
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  /** Opens a URL of the server; answers the one that the provider sends it back to. */
  goAway(url) {
    return this.provider.signIn(url, this.cookies)
  }

  /** The same, and on to the application. */
  async signIn(url) {
    return openLink(await this.goAway(url), this.headers)
  }
}

/** The ID token that an application gets for whoever signs in at the provider. */
export async function idTokenFor(provider, clientId, redirectUri, nonce) {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid email profile',
    code_challenge: sha256(verifier, 'base64url'),
    code_challenge_method: 'S256',
    ...(nonce === undefined ? {} : { nonce: sha256(nonce, 'hex') }),
  })
  const back = new URL(await provider.signIn(`${provider.issuer}/auth?${query}`))
  const answer = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${provider.clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code'),
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
  const tokens = await answer.json()
  if (!answer.ok) throw new Error(JSON.stringify(tokens))
  return tokens
}
