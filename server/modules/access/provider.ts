/**
 * Signing in by the group's own identity provider: OpenID Connect, authorization code with PKCE. State, nonce and
 * verifier travel in a sealed cookie of the browser that began, so an answer opens nothing in another one. Issuer,
 * audience, times, nonce and the signature of the ID token are checked by `openid-client`.
 *
 * Somebody is known by the subject of the provider. The first time they are found by their login, which has to be an
 * e-mail address that the provider has verified; nobody is added unless the configuration says with which role.
 */
import { sql } from 'kysely'
import * as oidc from 'openid-client'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { emit } from '#platform/events'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { noProvider, providerAway, providerRefused, providerStranger } from './errors.ts'
import type { From } from './sessions.ts'
import { type ComingIn, comeIn } from './signing-in.ts'
import { addStaff, giveRole, type Place, staffByLogin, staffOf } from './staff.ts'

export const providerCookie = 'roundtrip_provider'
export const providerSeconds = 10 * 60
const discoveredForMilliseconds = 3_600_000
const timeoutSeconds = 10

type ProviderHouse = Pick<House, 'db' | 'provider' | 'publicUrl' | 'log'>

interface Begun {
  state: string
  nonce: string
  verifier: string
  until: number
}

let discovered: { key: string; at: number; configuration: Promise<oidc.Configuration> } | null = null

async function configurationOf({ provider, log }: ProviderHouse): Promise<oidc.Configuration> {
  if (!provider) throw noProvider()
  const key = JSON.stringify(provider)
  if (discovered?.key !== key || Date.now() - discovered.at > discoveredForMilliseconds) {
    const { issuer, clientId, clientSecret } = provider
    const insecure = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []
    const found = oidc
      .discovery(new URL(issuer), clientId, undefined, undefined, { execute: insecure, timeout: timeoutSeconds })
      .then((about) => {
        const server = about.serverMetadata()
        const byPost = server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') === false
        const authentication = !clientSecret
          ? oidc.None()
          : byPost
            ? oidc.ClientSecretPost(clientSecret)
            : oidc.ClientSecretBasic(clientSecret)
        const configuration = new oidc.Configuration(server, clientId, undefined, authentication)
        configuration.timeout = timeoutSeconds
        if (insecure.length > 0) oidc.allowInsecureRequests(configuration)
        // The signature of the ID token too, though it comes straight from the provider.
        oidc.enableNonRepudiationChecks(configuration)
        return configuration
      })
    discovered = { key, at: Date.now(), configuration: found }
  }
  const known = discovered
  try {
    return await known.configuration
  } catch (error) {
    if (discovered === known) discovered = null
    log.warn({ err: error }, 'the identity provider could not be asked')
    throw providerAway()
  }
}

const redirectOf = ({ publicUrl }: Pick<House, 'publicUrl'>) => `${publicUrl}/console/sign-in/provider`

/** Where the browser goes, and what it keeps until it is back. */
export async function begin(house: ProviderHouse): Promise<{ url: string; cookie: string }> {
  const configuration = await configurationOf(house)
  const verifier = oidc.randomPKCECodeVerifier()
  const begun: Begun = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    verifier,
    until: house.db.clock.now().getTime() + providerSeconds * 1000,
  }
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectOf(house),
    scope: 'openid email profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: begun.state,
    nonce: begun.nonce,
  })
  return { url: url.href, cookie: sealedOf(house, begun) }
}

/** Comes back with the provider's answer, the query of the address. */
export async function signInByProvider(
  house: ProviderHouse,
  actor: Actor,
  { answer, cookie, from }: { answer: string; cookie: string | undefined; from: From },
): Promise<ComingIn> {
  const configuration = await configurationOf(house)
  const begun = openedOf(house, cookie)
  if (!begun || begun.until < house.db.clock.now().getTime()) throw providerRefused()
  const said = await claimsOf(house, configuration, answer, begun)
  // Nobody is signed in yet: whoever is found or added here is so by what the group has configured.
  const asking = actor.asking ? { asking: actor.asking } : {}
  return inTx(house.db, { ...systemActor, ...asking }, async (ctx) =>
    comeIn(ctx, await staffOfClaims(ctx, house, said), 'provider', from),
  )
}

interface Said {
  issuer: string
  subject: string
  email: string | null
  name: string | null
}

async function claimsOf(
  { log, ...house }: ProviderHouse,
  configuration: oidc.Configuration,
  answer: string,
  begun: Begun,
): Promise<Said> {
  const back = new URL(redirectOf(house))
  back.search = answer
  try {
    const tokens = await oidc.authorizationCodeGrant(configuration, back, {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (!claims) throw new Error('The provider sent no ID token')
    const wantsMore = claims.email === undefined && configuration.serverMetadata().userinfo_endpoint
    const more = wantsMore ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {}
    const { iss, sub, email, email_verified: verified, name } = { ...more, ...claims } as Record<string, unknown>
    return {
      issuer: String(iss),
      subject: String(sub),
      email: typeof email === 'string' && verified === true ? email : null,
      name: typeof name === 'string' && name.trim() ? name.trim().slice(0, 80) : null,
    }
  } catch (error) {
    log.warn({ err: error }, 'the identity provider did not confirm a sign-in')
    throw providerRefused()
  }
}

async function staffOfClaims(ctx: Ctx, { provider }: ProviderHouse, said: Said): Promise<string> {
  const { rows } = await sql<{ staffId: string }>`select staff_id as "staffId" from access.identities
    where issuer = ${said.issuer} and subject = ${said.subject}`.execute(ctx.tx)
  if (rows[0]) {
    if ((await staffOf(ctx, rows[0].staffId)).leftAt) throw providerStranger()
    return rows[0].staffId
  }
  if (said.email === null) throw providerStranger()
  const known = await staffByLogin(ctx, said.email)
  // An address can be given to another person: whoever has a subject already is not found by the address.
  if (known && (await identityOf(ctx, known.id))) throw providerStranger()
  const staffId = known?.id ?? (await addNewcomer(ctx, provider?.newcomers ?? null, { ...said, email: said.email }))
  await sql`insert into access.identities (issuer, subject, staff_id, linked_at)
    values (${said.issuer}, ${said.subject}, ${staffId}, ${ctx.now})`.execute(ctx.tx)
  await emit(ctx, { type: 'access.provider_linked', memberId: null, payload: { staffId } })
  return staffId
}

async function addNewcomer(
  ctx: Ctx,
  newcomers: { role: string; place: string } | null,
  { email, name }: { email: string; name: string | null },
): Promise<string> {
  // Whoever left comes back only by somebody's hand.
  const { rows } = await sql`select from access.staff where lower(login) = lower(${email}) limit 1`.execute(ctx.tx)
  if (!newcomers || rows.length > 0) throw providerStranger()
  const id = newId()
  await addStaff(ctx, { id, login: email, name: name ?? email })
  await giveRole(ctx, { id, holderId: id, role: newcomers.role, place: placeOf(newcomers.place) })
  return id
}

function placeOf(text: string): Place {
  const [kind, ...code] = text.split(':')
  if (kind === 'company' || kind === 'store') return { kind, code: code.join(':') }
  return { kind: kind === 'own' ? 'own' : 'group' }
}

/** The provider by which somebody was found. */
export async function identityOf(ctx: Pick<Ctx, 'tx'>, staffId: string): Promise<string | null> {
  const { rows } = await sql<{ issuer: string }>`
    select issuer from access.identities where staff_id = ${staffId} limit 1`.execute(ctx.tx)
  return rows[0]?.issuer ?? null
}

const cookiePlace = 'provider sign-in'

function sealedOf({ db }: Pick<House, 'db'>, begun: Begun): string {
  const { key, wrapped } = db.vault!.newHomeKey()
  return `${wrapped.toString('base64url')}.${db.vault!.seal(key, cookiePlace, begun).toString('base64url')}`
}

function openedOf({ db }: Pick<House, 'db'>, cookie: string | undefined): Begun | null {
  const [wrapped, sealed] = (cookie ?? '').split('.').map((part) => Buffer.from(part, 'base64url'))
  if (!wrapped || !sealed) return null
  try {
    return db.vault!.open<Begun>(db.vault!.unwrap(wrapped), cookiePlace, sealed)
  } catch {
    // Not one of ours, or of another master key.
    return null
  }
}
