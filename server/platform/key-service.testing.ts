/** A key service for tests: it really encrypts, and is asked over HTTP as the real one is. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** Speaks the protocol of Vault's transit engine: keys with versions, AES-256-GCM, tokens. */
export class TransitService {
  asked: string[] = []
  sealed = false
  private readonly versions = [randomBytes(32)]
  private server!: Server

  async listen(): Promise<this> {
    this.server = createServer(async (request, response) => {
      const body = (await json(request)) as { plaintext?: string; ciphertext?: string }
      const answer = (status: number, content: object) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(content))
      }
      this.asked.push(`${request.method} ${request.url}`)
      if (this.sealed) return answer(503, { errors: ['Vault is sealed'] })
      if (request.headers['x-vault-token'] !== 's.good') return answer(403, { errors: ['permission denied'] })
      const [, act, name] = /^\/v1\/transit\/(encrypt|decrypt|rewrap)\/(.+)$/.exec(request.url ?? '') ?? []
      if (name !== 'roundtrip') return answer(400, { errors: ['encryption key not found'] })
      try {
        const plain = act === 'encrypt' ? Buffer.from(body.plaintext!, 'base64') : this.open(body.ciphertext!)
        answer(200, {
          data: act === 'decrypt' ? { plaintext: plain.toString('base64') } : { ciphertext: this.seal(plain) },
        })
      } catch {
        answer(400, { errors: ['cipher: message authentication failed'] })
      }
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => this.server.once('listening', resolve))
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** The operator of the service rotates its key: what older versions wrapped still opens. */
  rotate(): void {
    this.versions.push(randomBytes(32))
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private seal(plain: Buffer): string {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.versions.at(-1)!, nonce)
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    return `vault:v${this.versions.length}:${sealed.toString('base64')}`
  }

  private open(text: string): Buffer {
    const [, version, sealed] = /^vault:v(\d+):(.+)$/.exec(text)!
    const bytes = Buffer.from(sealed!, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', this.versions[Number(version) - 1]!, bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
  }
}
