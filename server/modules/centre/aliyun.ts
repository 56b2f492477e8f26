/**
 * Messages by Alibaba Cloud SMS (dysmsapi, version 2017-05-25): SendSms with an approved signature and template, and
 * QuerySendDetails to learn what became of a message whose answer never came. Requests are signed by signature V3
 * (ACS3-HMAC-SHA256): parameters in the query, an empty body.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { dayOf } from '#platform/clock'
import type { SmsProvider } from '#platform/config'
import type { SmsSender } from './sms.ts'

const version = '2017-05-25'
const requestMilliseconds = 10_000
/** The provider's days. */
const providerZone = 'Asia/Shanghai'
/** Its pages of details: more than anybody is sent in a day. */
const detailsAtMost = 50

export function aliyunSender(provider: SmsProvider, { milliseconds = requestMilliseconds } = {}): SmsSender {
  const ask = (action: string, parameters: Record<string, string>) =>
    request(provider, action, parameters, milliseconds)
  return {
    name: provider.kind,
    async send({ id, phone, code, language }) {
      const { status, answer } = await ask('SendSms', {
        PhoneNumbers: providerPhone(phone),
        SignName: provider.signName,
        TemplateCode: provider.templates[language],
        TemplateParam: JSON.stringify({ code }),
        OutId: id,
      })
      return outcomeOf(status, answer.Code)
    },
    async find({ id, phone, at }) {
      const { answer } = await ask('QuerySendDetails', {
        PhoneNumber: providerPhone(phone),
        SendDate: dayOf(at, providerZone).replaceAll('-', ''),
        PageSize: String(detailsAtMost),
        CurrentPage: '1',
      })
      if (answer.Code !== 'OK') throw new ProviderAnswer(`QuerySendDetails answered ${answer.Code}`)
      const found = answer.SmsSendDetailDTOs?.SmsSendDetailDTO.find(({ OutId }) => OutId === id)
      if (!found) return null
      return found.SendStatus === failedStatus ? 'refused' : 'sent'
    },
  }
}

/** 1 waits for its receipt, 2 failed, 3 arrived. */
const failedStatus = 2

class ProviderAnswer extends Error {}

const answerShape = z.object({
  Code: z.string(),
  SmsSendDetailDTOs: z
    .object({ SmsSendDetailDTO: z.array(z.object({ OutId: z.string().optional(), SendStatus: z.coerce.number() })) })
    .optional(),
})

/**
 * What an answer means. Throttling stands before the message is looked at; errors of the provider's own system
 * (`isp.*`, but for the permission) don't say whether it went out.
 */
function outcomeOf(status: number, code: string): Awaited<ReturnType<SmsSender['send']>> {
  if (code === 'OK' && status === 200) return { outcome: 'sent' }
  if (code.startsWith('Throttling')) return { outcome: 'busy', reason: code }
  if (status >= 500 || (code.startsWith('isp.') && code !== 'isp.RAM_PERMISSION_DENY'))
    throw new ProviderAnswer(`SendSms answered ${status} ${code}`)
  return { outcome: 'refused', reason: code }
}

/** Mainland numbers without a code of the country, others with it and without a sign. */
const providerPhone = (phone: string) => (/^\+861\d{10}$/.test(phone) ? phone.slice(3) : phone.replace(/^\+/, ''))

async function request(
  provider: SmsProvider,
  action: string,
  parameters: Record<string, string>,
  milliseconds: number,
): Promise<{ status: number; answer: z.output<typeof answerShape> }> {
  const { host, origin } = new URL(provider.url)
  const query = canonicalQuery(parameters)
  const headers = {
    host,
    'x-acs-action': action,
    'x-acs-content-sha256': sha256(''),
    'x-acs-date': new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': version,
  }
  const reply = await fetch(`${origin}/?${query}`, {
    method: 'POST',
    headers: { ...headers, accept: 'application/json', authorization: authorizationOf(provider, query, headers) },
    signal: AbortSignal.timeout(milliseconds),
    redirect: 'error',
  })
  const text = await reply.text()
  try {
    return { status: reply.status, answer: answerShape.parse(JSON.parse(text)) }
  } catch (error) {
    throw new ProviderAnswer(`${action} answered ${reply.status} with something unreadable`, { cause: error })
  }
}

/** Signature V3, as it stands in the Authorization header. All headers given are signed. */
export function authorizationOf(
  { accessKeyId, accessKeySecret }: Pick<SmsProvider, 'accessKeyId' | 'accessKeySecret'>,
  query: string,
  headers: Readonly<Record<string, string>> & { 'x-acs-content-sha256': string },
): string {
  const names = Object.keys(headers).sort()
  const canonical = [
    'POST',
    '/',
    query,
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    '',
    names.join(';'),
    headers['x-acs-content-sha256'],
  ].join('\n')
  const signature = createHmac('sha256', accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex')
  return `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`
}

/** Names in the order of their bytes, everything encoded but letters, digits and `-_.~`. */
export function canonicalQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.keys(parameters)
    .sort()
    .map((name) => `${encoded(name)}=${encoded(parameters[name]!)}`)
    .join('&')
}

const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
