/// A real OpenID provider at loopback, whose login page nobody has to fill in.

import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const redirectsMax = 10
const lifetimeS = 600

/**
 * Starts one at a free port with two clients: ours and another application. `person` are the claims of
 * whoever signs in; change them between two sign-ins to be somebody else. `redirectUris` are those of both.
 */
export async function startOpenIdProvider({ redirectUris, person, algorithm = 'RS256' }) {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${server.address().port}`
  const held = new OpenIdProvider(issuer, person)
  const provider = new Provider(issuer, {
    clients: [held.clientId, held.otherClientId].map((clientId) => ({
      client_id: clientId,
      client_secret: held.clientSecret,
      redirect_uris: redirectUris,
      id_token_signed_response_alg: algorithm,
    })),
    jwks: { keys: [signingKey(algorithm)] },
    cookies: { keys: ['for tests only'] },
    scopes: ['openid', 'email', 'profile'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'picture'],
    },
    // The address is in the ID token, as the large providers have it.
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: lifetimeS,
      AuthorizationCode: lifetimeS,
      Grant: lifetimeS,
      IdToken: lifetimeS,
      Interaction: lifetimeS,
      Session: lifetimeS,
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, accountId) => ({ accountId, claims: () => held.person }),
    loadExistingGrant: (context) => everyScope(context),
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response)
    const login = { login: { accountId: held.person.sub } }
    return provider.interactionFinished(request, response, login).catch((error) => {
      response.writeHead(500).end(String(error))
    })
  })
  held.stop = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return held
}

class OpenIdProvider {
  clientId = 'dunlin-tests'
  otherClientId = 'somebody-elses-application'
  clientSecret = 'a-secret-of-the-tests'

  constructor(issuer, person) {
    this.issuer = issuer
    this.person = person
  }

  /**
   * Does what a browser would at `authorizeUrl`: follows the redirects, keeps the cookies, signs
   * in. Answers the URL at the client that it is sent back to.
   */
  async signIn(authorizeUrl, cookies = new Map()) {
    let url = authorizeUrl
    for (let redirects = 0; redirects < redirectsMax; redirects += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(url, { headers: { cookie }, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      const location = response.headers.get('location')
      if (location === null) {
        throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
      }
      url = new URL(location, url).href
      if (!url.startsWith(this.issuer)) return url
    }
    throw new Error(`more than ${redirectsMax} redirects from ${authorizeUrl}`)
  }
}

/** What was asked for is granted: there is no page to ask on. */
function everyScope({ oidc }) {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  })
  grant.addOIDCScope('openid email profile')
  return grant.save().then(() => grant)
}

function signingKey(algorithm) {
  const pair =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...pair.privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: algorithm }
}
