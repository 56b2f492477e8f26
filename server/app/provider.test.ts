/** Signing in by an identity provider: a real one (the library `oidc-provider`) that runs here and speaks by HTTP. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import Provider from 'oidc-provider'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import { addStaff, giveRole } from '#modules/access'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import type { TestDatabase } from '#platform/testing'
import { buildServer } from './server.ts'

interface Account {
  sub: string
  email: string
  email_verified: boolean
  name: string
}

const publicUrl = 'http://localhost:3000'

interface Idp {
  issuer: string
  /** Who signs in next at the provider. */
  account: Account
  /** It shows another key than the one that it signs with. */
  forged: boolean
  server: Server
}

async function startIdp(algorithm: 'RS256' | 'ES256'): Promise<Idp> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const { privateKey } = await crypto.subtle.generateKey(
    algorithm === 'ES256'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  )
  const { key_ops: _sign, ext: _ext, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey)
  const idp: Idp = {
    issuer,
    server,
    forged: false,
    account: { sub: 'u-1', email: 'zhou@example.com', email_verified: true, name: '周敏' },
  }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'roundtrip',
        client_secret: 'a secret between the two of us',
        redirect_uris: [`${publicUrl}/console/sign-in/provider`],
        id_token_signed_response_alg: algorithm,
      },
    ],
    jwks: { keys: [{ ...jwk, use: 'sig', alg: algorithm }] as never },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_ctx: unknown, sub: string) => ({ accountId: sub, claims: async () => ({ ...idp.account, sub }) }),
    // Whoever comes is signed in and has agreed: the pages for that are not what is tested.
    interactions: { url: (_ctx: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['one'] },
  })
  server.on('request', async (request, response) => {
    if (idp.forged && request.url === '/jwks') {
      const { n: _n, ...shown } = jwk
      const another = await crypto.subtle.generateKey(
        { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
        true,
        ['sign', 'verify'],
      )
      const { n } = await crypto.subtle.exportKey('jwk', another.publicKey)
      response.setHeader('content-type', 'application/jwk-set+json')
      return response.end(JSON.stringify({ keys: [{ kty: shown.kty, e: shown.e, n, use: 'sig', alg: algorithm }] }))
    }
    if (!request.url?.startsWith('/interaction/')) return provider.callback()(request, response)
    const { params, prompt } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: idp.account.sub } })
    const grant = new provider.Grant({ accountId: idp.account.sub, clientId: String(params.client_id) })
    grant.addOIDCScope('openid email profile')
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  })
  return idp
}

const test = base.extend<{ idp: Idp; house: House; server: FastifyInstance }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  idp: async ({}, use) => {
    const idp = await startIdp('RS256')
    await use(idp)
    idp.server.closeAllConnections()
    idp.server.close()
  },
  house: async ({ db, idp }, use) => {
    await use({
      db,
      folder: '/nonexistent',
      publicUrl,
      provider: {
        issuer: idp.issuer,
        clientId: 'roundtrip',
        clientSecret: 'a secret between the two of us',
        name: '远岫 SSO',
        newcomers: null,
      },
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House)
  },
  server: async ({ house }, use) => {
    const server = await buildServer(house, { via: 'port' })
    await use(server)
    await server.close()
  },
})

/** As a browser goes: to the provider, through its pages, and back; gives what stands in the address then. */
async function throughProvider(url: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let next = url; ; ) {
    const reply = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      cookies.set(name!, value!)
    }
    const to = reply.headers.get('location')
    if (!to) throw new Error(`The provider stopped at ${next}: ${reply.status} ${await reply.text()}`)
    next = new URL(to, next).href
    if (next.startsWith(publicUrl)) return new URL(next).search
  }
}

const begin = async (server: FastifyInstance) => {
  const reply = await server.inject({ method: 'POST', url: '/api/sign-in/provider', payload: {} })
  expect(reply.statusCode).toBe(200)
  return {
    url: reply.json().url as string,
    cookies: Object.fromEntries(reply.cookies.map(({ name, value }) => [name, value])),
  }
}

const finish = (server: FastifyInstance, answer: string, cookies: Record<string, string>) =>
  server.inject({ method: 'POST', url: '/api/sessions/by-provider', payload: { answer }, cookies })

async function signIn(server: FastifyInstance) {
  const { url, cookies } = await begin(server)
  return finish(server, await throughProvider(url), cookies)
}

async function zhou(db: TestDatabase, login = 'Zhou@example.com'): Promise<string> {
  const id = newId()
  await db.act(async (ctx) => {
    await addStaff(ctx, { id, login, name: '周敏' })
    await giveRole(ctx, { id: newId(), holderId: id, role: 'auditor', place: { kind: 'group' } })
  })
  return id
}

describe('the identity provider', () => {
  test('brings in whose verified e-mail address is their login, and knows them by its subject from then on', async ({
    server,
    idp,
    db,
  }) => {
    const id = await zhou(db)
    expect((await server.inject('/api/sign-in')).json()).toEqual({ provider: '远岫 SSO' })
    const first = await signIn(server)
    expect(first.json()).toEqual({ name: '周敏', ticket: null })
    const session = first.cookies.find(({ name }) => name === 'roundtrip_session')!
    const who = await server.inject({ url: '/api/session', cookies: { roundtrip_session: session.value } })
    expect(who.json()).toMatchObject({ staffId: id, asks: null })
    // Another address at the provider, the same subject.
    idp.account = { ...idp.account, email: 'zhou.min@example.com' }
    expect((await signIn(server)).json().name).toBe('周敏')
    // Another person who was given the old address.
    idp.account = { sub: 'u-2', email: 'zhou@example.com', email_verified: true, name: 'Zhou the younger' }
    expect((await signIn(server)).json().code).toBe('access.provider_stranger')
  })

  test('brings in nobody by an address that it has not verified, nobody unknown, nobody who left', async ({
    server,
    idp,
    db,
  }) => {
    const id = await zhou(db)
    idp.account = { ...idp.account, email_verified: false }
    expect((await signIn(server)).json().code).toBe('access.provider_stranger')
    idp.account = { ...idp.account, email: 'nobody@example.com', email_verified: true }
    expect((await signIn(server)).json().code).toBe('access.provider_stranger')
    idp.account = { ...idp.account, email: 'zhou@example.com' }
    expect((await signIn(server)).statusCode).toBe(200)
    await sql`update access.staff set left_at = now() where id = ${id}`.execute(db.kysely)
    expect((await signIn(server)).json().code).toBe('access.provider_stranger')
    const { rows } = await sql`select from access.staff`.execute(db.kysely)
    expect(rows).toHaveLength(1)
  })

  test('brings in newcomers with the role and place that were configured', async ({ house, db, given }) => {
    await given.channel('store-a')
    const provider = { ...house.provider!, newcomers: { role: 'store-staff', place: 'store:store-a' } }
    const server = await buildServer({ ...house, provider }, { via: 'port' })
    const session = (await signIn(server)).cookies.find(({ name }) => name === 'roundtrip_session')!
    const who = await server.inject({ url: '/api/session', cookies: { roundtrip_session: session.value } })
    expect(who.json()).toMatchObject({
      name: '周敏',
      roles: [{ role: 'store-staff', place: { kind: 'store', code: 'store-a' } }],
    })
    expect((await signIn(server)).statusCode).toBe(200)
    const { rows } = await sql`select from access.staff`.execute(db.kysely)
    expect(rows).toHaveLength(1)
    await server.close()
  })

  test('is not believed in another browser, with another state, twice, or after ten minutes', async ({
    server,
    db,
  }) => {
    await zhou(db)
    const { url, cookies } = await begin(server)
    const answer = await throughProvider(url)
    const stranger = await begin(server)
    for (const [said, with_] of [
      [answer, {}],
      [answer, stranger.cookies],
      [answer, { roundtrip_provider: 'AAAA.BBBB' }],
      [answer.replace(/state=[^&]+/, 'state=another'), cookies],
      [answer.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example'), cookies],
      ['?error=access_denied&state=x', cookies],
    ] as const)
      expect([said, (await finish(server, said, { ...with_ })).json().code]).toEqual([said, 'access.provider_refused'])
    expect((await finish(server, answer, cookies)).statusCode).toBe(200)
    expect((await finish(server, answer, cookies)).json().code).toBe('access.provider_refused')
    const late = await begin(server)
    const lateAnswer = await throughProvider(late.url)
    db.clock = { now: () => new Date(Date.now() + 601_000) }
    expect((await finish(server, lateAnswer, late.cookies)).json().code).toBe('access.provider_refused')
  })

  test('may sign by ES256 as well, and is not believed with a signature of another key, or away', async ({
    house,
    db,
    idp,
  }) => {
    await zhou(db)
    const other = await startIdp('ES256')
    const elliptic = await buildServer(
      { ...house, provider: { ...house.provider!, issuer: other.issuer } },
      { via: 'port' },
    )
    expect((await signIn(elliptic)).statusCode).toBe(200)
    other.server.closeAllConnections()
    other.server.close()
    await elliptic.close()
    idp.forged = true
    const forged = await buildServer(house, { via: 'port' })
    expect((await signIn(forged)).json().code).toBe('access.provider_refused')
    await forged.close()
    const away = await buildServer(
      { ...house, provider: { ...house.provider!, issuer: 'http://localhost:9' } },
      { via: 'port' },
    )
    const reply = await away.inject({ method: 'POST', url: '/api/sign-in/provider', payload: {} })
    expect(reply.json().code).toBe('access.provider_away')
    await away.close()
  })
})
