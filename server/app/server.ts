/** The HTTP server: the modules' routes, what operators ask of the program, and the web apps' files. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import files from '@fastify/static'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { identify, sessionCookie, wantsWholeGroup } from '#modules/access'
import { identifyMember, memberCookie } from '#modules/centre'
import { trusting } from '#platform/addresses'
import { cookiesOf } from '#platform/cookies'
import type { Actor } from '#platform/ctx'
import { readMachine } from '#platform/health'
import type { House } from '#platform/house'
import { answerErrors, mountRoutes, newRequestId, openApi, type Served } from '#platform/http'
import { routes as demonstration } from './demonstration/routes.ts'
import { modules } from './modules.ts'
import { operations } from './operations.ts'
import { newNonce, noncePlace, pagePolicy, refuseForeignOrigin, secureHeaders } from './security.ts'
import { version } from './version.ts'

export const served: readonly Served[] = [
  ...modules.flatMap((module) => module.routes ?? []),
  ...operations,
  ...demonstration,
]

const built = join(import.meta.dirname, '../../dist')
/** A reaction that is this far behind makes the program unwell: effects come late. */
const lagUnwellMilliseconds = 60_000

/** `socket`: for the owner of the data folder only, who may do everything. */
export async function buildServer(house: House, { via }: { via: 'port' | 'socket' }): Promise<FastifyInstance> {
  const app = fastify({
    genReqId: newRequestId,
    bodyLimit: 2 * 1024 * 1024,
    // Nobody else's word about where a request comes from counts: tries are counted by it.
    trustProxy: trusting(house.proxies),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: 'idle',
  })
  await app.register(cookie)
  answerErrors(app, house)
  app.addHook('onRequest', async (request, reply) => {
    secureHeaders(house, request, reply)
    refuseForeignOrigin(house, request)
  })
  mountRoutes(app, house, served, {
    authenticate: via === 'socket' ? async () => commandLine : (request) => authenticate(house, request),
    wantsWholeGroup,
  })
  health(app, house)
  await metrics(app, house)
  app.get('/openapi.json', () => openApi(served, { publicUrl: house.publicUrl, version }))
  if (via === 'port') await webApps(app)
  return app
}

const commandLine: Actor = { kind: 'system', id: 'command-line', permissions: 'all', scope: 'group' }

async function authenticate(house: House, request: FastifyRequest): Promise<Actor | null> {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  const cookies = cookiesOf(request, house)
  // A member's cookie opens the member centre and nothing else, and there it goes before that of staff.
  if (request.url.startsWith('/api/centre/')) {
    const member = await identifyMember(house.db, cookies[memberCookie])
    if (member) return member
  }
  return identify(house.db, { session: cookies[sessionCookie], key: bearer })
}

function health(app: FastifyInstance, house: House): void {
  app.get('/healthz', async (_request, reply) => {
    const [database, warehouse, machine] = await Promise.all([
      sql`select 1`.execute(house.db.kysely).then(
        () => true,
        () => false,
      ),
      house.warehouse.ping(),
      readMachine(house.folder),
    ])
    const reactions = database ? await house.reactions.states() : []
    const late = reactions.some(({ lagMilliseconds }) => lagMilliseconds > lagUnwellMilliseconds)
    const well = database && warehouse
    return reply
      .status(well ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({
        status: well ? (late ? 'late' : 'ok') : 'unwell',
        database: database ? 'ok' : 'away',
        warehouse: warehouse ? 'ok' : 'away',
        reactions: reactions.map(({ reaction, lagMilliseconds, parked }) => ({ reaction, lagMilliseconds, parked })),
        // It goes on in spite of these; its owner should see to them.
        warnings: machine.warnings.map((code) => ({ code })),
        disk: machine.disk,
        memory: machine.memory,
        version,
      })
  })
}

async function metrics(app: FastifyInstance, house: House): Promise<void> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const seconds = new Histogram({
    name: 'roundtrip_http_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const lag = new Gauge({
    name: 'roundtrip_reaction_lag_seconds',
    help: 'Age of the oldest event that a reaction has not read',
    labelNames: ['reaction'],
    registers: [registry],
  })
  const parked = new Gauge({
    name: 'roundtrip_reaction_parked_events',
    help: 'Events that a reaction could not digest',
    labelNames: ['reaction'],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    seconds.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })
  app.get('/metrics', async (_request, reply) => {
    for (const state of await house.reactions.states()) {
      lag.set({ reaction: state.reaction }, state.lagMilliseconds / 1000)
      parked.set({ reaction: state.reaction }, state.parked)
    }
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

async function webApps(app: FastifyInstance): Promise<void> {
  app.get('/', (_request, reply) => reply.redirect('/console/'))
  await webApp(app, { folder: join(built, 'console'), at: '/console' })
  await webApp(app, { folder: join(built, 'member'), at: '/m' })
}

/** Every address of an app is the same page; it finds its way by itself. */
async function webApp(app: FastifyInstance, { folder, at }: { folder: string; at: string }): Promise<void> {
  app.get(at, (_request, reply) => reply.redirect(`${at}/`))
  if (!existsSync(folder)) return
  await app.register(files, {
    root: folder,
    prefix: `${at}/`,
    wildcard: false,
    index: false,
    immutable: true,
    maxAge: '365d',
    preCompressed: true,
    // Only the first brings `sendFile` with it, which is told the folder each time.
    decorateReply: !app.hasReplyDecorator('sendFile'),
  })
  // The page names files by their hash, so it is asked for again each time and they never are.
  const page = await pageOf(join(folder, 'index.html'))
  app.get(`${at}/`, page)
  // A script of a former version is gone, not a page: the app then begins anew.
  app.get(`${at}/assets/*`, (_request, reply) => reply.callNotFound())
  app.get(`${at}/*`, page)
}

/** The page with a nonce of this answer; never kept, or its nonce would outlive the policy that names it. */
async function pageOf(file: string) {
  const parts = (await readFile(file, 'utf8')).split(noncePlace)
  return (_request: FastifyRequest, reply: FastifyReply) => {
    const nonce = newNonce()
    return reply
      .header('content-security-policy', pagePolicy(nonce))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(parts.join(nonce))
  }
}
