/**
 * Plays Alibaba Cloud SMS over HTTP, as its documentation says: checks the signature by a reading of its own, keeps
 * what it took, and answers as it is told to.
 */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SmsProvider } from '#platform/config'

export interface StandIn {
  readonly provider: SmsProvider
  /** What SendSms took, by its parameters. */
  readonly taken: Record<string, string>[]
  /** Requests in all, refused ones too. */
  asked(): number
  /** How the next requests are answered, one after the other; then all is well again. */
  next(...answers: Answer[]): void
  close(): Promise<void>
}

/**
 * A code of the provider; `silent`: takes the message and never answers; `lost`: breaks off before taking it; `page`: a
 * page of something in between; `broken`: 503 after taking it.
 */
export type Answer = { status?: number; code: string } | 'silent' | 'lost' | 'page' | 'broken'

const key = { accessKeyId: 'LTAI5tStandIn', accessKeySecret: 'secret of the stand-in' }
const clockMilliseconds = 15 * 60_000

export async function standIn(): Promise<StandIn> {
  const taken: Record<string, string>[] = []
  const answers: Answer[] = []
  const nonces = new Set<string>()
  let asked = 0
  const server = createServer((request, reply) => {
    asked++
    const answer = (status: number, body: object) =>
      void reply
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ RequestId: randomUUID(), ...body }))
    const refusal = refusalOf(request, nonces)
    if (refusal) return answer(400, { Code: refusal, Message: 'Specified signature is not matched.' })
    const given = Object.fromEntries(new URL(request.url!, 'http://here').searchParams)
    if (request.headers['x-acs-action'] === 'QuerySendDetails') {
      const details = taken
        .filter((sms) => sms.PhoneNumbers === given.PhoneNumber)
        .map(({ OutId, PhoneNumbers }) => ({ OutId, PhoneNum: PhoneNumbers, SendStatus: 3, ErrCode: 'DELIVERED' }))
      return answer(200, { Code: 'OK', TotalCount: details.length, SmsSendDetailDTOs: { SmsSendDetailDTO: details } })
    }
    const next = answers.shift() ?? { code: 'OK' }
    if (next === 'lost') return void request.socket.destroy()
    if (next === 'page') return void reply.writeHead(200).end('<html>Sign in to the network</html>')
    if (typeof next === 'object' && next.code !== 'OK')
      return answer(next.status ?? 200, { Code: next.code, Message: next.code })
    taken.push(given)
    if (next === 'silent') return
    if (next === 'broken') return answer(503, { Code: 'ServiceUnavailable', Message: 'try again' })
    answer(200, { Code: 'OK', Message: 'OK', BizId: '9006197469364984^0' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    provider: {
      kind: 'aliyun',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...key,
      signName: '远岫旅业',
      templates: { 'zh-CN': 'SMS_1', en: 'SMS_2', ru: 'SMS_3' },
    },
    taken,
    asked: () => asked,
    next: (...more) => void answers.push(...more),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function refusalOf({ method, url, headers }: IncomingMessage, nonces: Set<string>): string | null {
  const header = (name: string) => headers[name]?.toString() ?? ''
  const [, id, names, signature] =
    /^ACS3-HMAC-SHA256 Credential=(\w+),SignedHeaders=([\w;-]+),Signature=([0-9a-f]{64})$/.exec(
      header('authorization'),
    ) ?? []
  if (id !== key.accessKeyId) return 'InvalidAccessKeyId.NotFound'
  const signed = names!.split(';')
  const needed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-acs-'))
  if (needed.some((name) => !signed.includes(name)) || header('x-acs-version') !== '2017-05-25')
    return 'IncompleteSignature'
  if (!(Math.abs(Date.now() - Date.parse(header('x-acs-date'))) < clockMilliseconds)) return 'InvalidTimeStamp.Expired'
  if (nonces.has(header('x-acs-signature-nonce'))) return 'SignatureNonceUsed'
  nonces.add(header('x-acs-signature-nonce'))
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const [path, query] = url!.split('?')
  const lines = signed.map((name) => `${name}:${header(name)}\n`).join('')
  const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${header('x-acs-content-sha256')}`
  const expected = createHmac('sha256', key.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${hash(canonical)}`)
    .digest()
  return timingSafeEqual(expected, Buffer.from(signature!, 'hex')) ? null : 'SignatureDoesNotMatch'
}
