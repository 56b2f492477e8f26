/**
 * Speaking to addresses that people have typed in. Such an address may point at this machine, its neighbours or the
 * cloud's own services, so each is looked at after its name was resolved and the connection goes to exactly what was
 * looked at; no redirect is followed, and what is answered is not kept.
 */
import { lookup } from 'node:dns/promises'
import { type ClientRequest, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

/** Why nothing was answered; codes that the page translates. */
export type NoAnswer =
  | 'address_refused'
  | 'not_secure'
  | 'unknown_host'
  | 'no_connection'
  | 'bad_certificate'
  | 'timeout'

export type Answered = { status: number } | { problem: NoAnswer }

const notPublic = listOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // Within the public range of IPv6: tunnels, which carry any IPv4 address, and documentation.
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
])
const publicSix = listOf(['2000::/3'])

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string | undefined]
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return list
}

const has = (list: BlockList, address: string) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** An IPv4 address may come dressed as IPv6. */
const bare = (address: string) => {
  const mapped = /^::ffff:(?:0:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped ? mapped[1]! : address
}

/** Whether everybody on the internet means the same machine by it. */
export function isPublic(address: string): boolean {
  const plain = bare(address)
  if (isIP(plain) === 0) return false
  return isIPv6(plain) ? has(publicSix, plain) && !has(notPublic, plain) : !has(notPublic, plain)
}

interface Place {
  addresses: { address: string; family: number }[]
}

/** Where an address leads now, or why it may not be spoken to. `allowed`: networks that may be, though not public. */
export async function placeOf(url: URL, allowed: readonly string[]): Promise<Place | { problem: NoAnswer }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let addresses: { address: string; family: number }[]
  try {
    addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true })
  } catch {
    return { problem: 'unknown_host' }
  }
  const list = listOf(allowed)
  const isAllowed = (address: string) => has(list, bare(address))
  if (!addresses.every(({ address }) => isAllowed(address) || isPublic(address))) return { problem: 'address_refused' }
  // What is said in clear is for networks of one's own.
  if (url.protocol !== 'https:' && !addresses.every(({ address }) => isAllowed(address)))
    return { problem: 'not_secure' }
  return { addresses }
}

/** Sends JSON; answers with the status, which is all that anybody wants of it. Never throws. */
export async function post(
  url: URL,
  {
    body,
    headers,
    allowed,
    timeoutMilliseconds,
  }: {
    body: string
    headers: Readonly<Record<string, string>>
    allowed: readonly string[]
    timeoutMilliseconds: number
  },
): Promise<Answered> {
  const place = await placeOf(url, allowed)
  if ('problem' in place) return place
  const looked: LookupFunction = (_host, { all }, done) => {
    if (all) done(null, place.addresses)
    else done(null, place.addresses[0]!.address, place.addresses[0]!.family)
  }
  return new Promise((resolve) => {
    const open = url.protocol === 'https:' ? secureRequest : plainRequest
    let request: ClientRequest
    const late = setTimeout(() => {
      resolve({ problem: 'timeout' })
      request.destroy()
    }, timeoutMilliseconds)
    const end = (answered: Answered) => {
      clearTimeout(late)
      resolve(answered)
      request.destroy()
    }
    request = open(url, {
      method: 'POST',
      agent: false,
      lookup: looked,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    request.on('response', ({ statusCode = 0 }) => end({ status: statusCode }))
    request.on('error', (error: NodeJS.ErrnoException) =>
      end({ problem: /CERT|SELF_SIGNED|ERR_TLS/.test(error.code ?? '') ? 'bad_certificate' : 'no_connection' }),
    )
    request.end(body)
  })
}
