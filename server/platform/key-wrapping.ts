/**
 * How the master key stands where it is kept (the file `master.key`, or the environment): as it is, or wrapped by a key
 * service (KMS) whose own key never leaves it. Opened once at the start and then held in memory: nothing that the program
 * does later asks the service, so it costs no speed and may be away while the program runs.
 *
 * The service speaks the protocol of HashiCorp Vault's transit engine, which OpenBao speaks too.
 */
import { z } from 'zod'
import type { KeyServiceConfig } from '#platform/config'
import { Refusal } from '#platform/errors'

export interface KeyWrapping {
  /** Of the service; null: the key stands as it is. */
  readonly service: string | null
  wrap(key: Buffer): Promise<string>
  /** `from`: where the text stood, for saying what is wrong with it. */
  unwrap(text: string, from: string): Promise<Buffer>
  /** The same wrapped by the newest key of the service, where that is another one; null: it is already. */
  renew(text: string): Promise<string | null>
}

/** What a service has wrapped says so itself. */
const wrappedShape = /^vault:v\d+:[A-Za-z0-9+/=]+$/
export const isWrapped = (text: string) => wrappedShape.test(text.trim())

export function masterKeyOf(text: string, from: string): Buffer {
  if (isWrapped(text))
    throw new Refusal(
      'conflict',
      'vault.key_service_missing',
      { from },
      `The master key in ${from} is wrapped by a key service. Set ROUNDTRIP_KMS_URL, ROUNDTRIP_KMS_KEY and ROUNDTRIP_KMS_TOKEN as they were; nothing was changed.`,
    )
  const key = Buffer.from(text, 'base64')
  if (key.length !== 32)
    throw new Refusal(
      'invalid',
      'vault.bad_master_key',
      { from },
      `The master key in ${from} should be 32 bytes in base64 (44 characters).`,
    )
  return key
}

export const asItIs: KeyWrapping = {
  service: null,
  wrap: async (key) => key.toString('base64'),
  unwrap: async (text, from) => masterKeyOf(text, from),
  renew: async () => null,
}

export const keyWrappingOf = (service: KeyServiceConfig | null): KeyWrapping =>
  service ? transitKeys(service) : asItIs

const tries = 3
const pauseMilliseconds = 1_000
const answerMilliseconds = 10_000

const reply = z.object({
  data: z.object({ ciphertext: z.string().optional(), plaintext: z.string().optional() }),
})

function transitKeys({ url, mount, key, token, namespace }: KeyServiceConfig): KeyWrapping {
  async function ask(act: 'encrypt' | 'decrypt' | 'rewrap', body: object): Promise<z.infer<typeof reply>['data']> {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(`${url}/v1/${mount}/${act}/${encodeURIComponent(key)}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-vault-token': token,
          'x-vault-request': 'true',
          ...(namespace ? { 'x-vault-namespace': namespace } : {}),
        },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(answerMilliseconds),
      }).catch((error: Error) => error)
      const isAway = answer instanceof Error || answer.status >= 500
      if (isAway && attempt < tries) {
        await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
        continue
      }
      if (answer instanceof Error) throw away(url, reasonOf(answer))
      if (answer.status >= 500) throw away(url, `it answers ${answer.status}, as when it is sealed`)
      const text = await answer.text()
      if (!answer.ok) throw refused(url, key, answer.status, saidIn(text))
      const parsed = reply.safeParse(jsonOf(text))
      if (!parsed.success) throw away(url, 'it answers in a way that no key service does')
      return parsed.data.data
    }
  }
  const versionOf = (text: string) => text.split(':', 2)[1]
  return {
    service: url,
    async wrap(plain) {
      const { ciphertext } = await ask('encrypt', { plaintext: plain.toString('base64') })
      if (!ciphertext || !isWrapped(ciphertext)) throw away(url, 'it answers in a way that no key service does')
      return ciphertext
    },
    async unwrap(text, from) {
      if (!isWrapped(text)) return masterKeyOf(text, from)
      const { plaintext } = await ask('decrypt', { ciphertext: text.trim() })
      return masterKeyOf(plaintext ?? '', from)
    },
    async renew(text) {
      if (!isWrapped(text)) return null
      const { ciphertext } = await ask('rewrap', { ciphertext: text.trim() })
      return ciphertext && isWrapped(ciphertext) && versionOf(ciphertext) !== versionOf(text.trim()) ? ciphertext : null
    },
  }
}

function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${answerMilliseconds / 1000} seconds`
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  return code ?? message
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What the service says of a refusal; it never holds a key. */
function saidIn(text: string): string {
  const parsed = z.object({ errors: z.array(z.string()) }).safeParse(jsonOf(text))
  return parsed.success ? parsed.data.errors.join('; ').trim().slice(0, 300) : ''
}

const away = (url: string, reason: string) =>
  new Refusal(
    'conflict',
    'vault.key_service_away',
    { url, reason },
    `The key service at ${url} can't be reached: ${reason}. The master key opens only through it, so nothing was started and nothing was changed. Start the program again when it answers.`,
  )

const refused = (url: string, key: string, status: number, said: string) =>
  new Refusal(
    'conflict',
    'vault.key_service_refuses',
    { url, key, status, said },
    status === 403
      ? `The key service at ${url} refuses (403${said && `: ${said}`}). ROUNDTRIP_KMS_TOKEN should be a token that is good and may encrypt, decrypt and rewrap with the key ${key}. Nothing was changed.`
      : `The key service at ${url} does not do it with the key ${key} (${status}${said && `: ${said}`}). Is it the service, and the key in ROUNDTRIP_KMS_KEY, that wrapped the master key? Nothing was changed.`,
  )
