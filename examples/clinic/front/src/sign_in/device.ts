/// How this browser names itself to the server, so that its owner knows it in the list of his devices.

const idKey = 'clinic.device'

/** The same on every visit with this browser. */
function deviceId(): string {
  const known = localStorage.getItem(idKey)
  if (known !== null) return known
  const made = crypto.randomUUID()
  localStorage.setItem(idKey, made)
  return made
}

function browserName(): string {
  const agent = navigator.userAgent
  const names = ['Edg', 'Firefox', 'Chrome', 'Safari']
  const found = names.find((name) => agent.includes(name)) ?? 'a browser'
  return found === 'Edg' ? 'Edge' : found
}

function platformName(): string {
  const agent = navigator.userAgent
  const names = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux']
  return names.find((name) => agent.includes(name)) ?? 'unknown'
}

export function deviceHeaders(): Record<string, string> {
  return {
    'x-device-id': deviceId(),
    'x-device-name': `${browserName()} on ${platformName()}`,
    'x-device-platform': platformName(),
  }
}
