/**
 * The one edge where requests come in: who asks, may they, is the input what the route says; then one act in one
 * transaction; then the reply is parsed by the route's output, so that a forgotten column can't leak.
 */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { addressOf } from '#platform/addresses'
import { hasRecorded, record } from '#platform/audit'
import { askingOf, kindOf, operationOf, type Recording } from '#platform/audit/asking'
import { recordRefusal, refusalLimit } from '#platform/audit/refusals'
import type { Problem, Route } from '#platform/contract'
import { cookiesOf, prefixOf } from '#platform/cookies'
import { type Actor, type Ctx, may, type Permission, scopeOf } from '#platform/ctx'
import { inTx } from '#platform/db'
import { isOutage, Refusal, type RefusalKind, sqlStateOf, statusOf } from '#platform/errors'
import type { House } from '#platform/house'

/** The raw side of a request, for verbs that read or write files or cookies. */
export interface Call {
  readonly body: Readable
  readonly cookies: Readonly<Record<string, string | undefined>>
  readonly address: string
  /** What the browser says it is. */
  readonly agent: string | null
  /** Who is at the other end of the connection itself, which no header can claim; and whether a proxy spoke for somebody. */
  readonly peer: {
    readonly address: string | null
    readonly forwarded: boolean
    readonly host: string
  }
  /** Goes out with the reply, and not with a refusal. */
  setCookie(name: string, value: string | null, options?: { maxAgeSeconds?: number }): void
  /** For routes that reply with a file; it is sent when the verb has ended. */
  sendFile(file: { name: string; type: string; content: Readable | string }): void
}

/** A proxy adds one of these when it speaks for somebody else. */
const forwardedBy = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
] as const

/** `anyone`: no sign-in wanted. `signed-in`: any permission will do. */
export type Needs = Permission | 'anyone' | 'signed-in'

export interface ServeOptions {
  /** Dangerous: staff who can prove who they are do it again where the last time is a while ago. */
  asksProof?: boolean
  /** Open to staff who have to set up their second factor first. */
  beforeEnrolment?: boolean
}

export interface Served extends ServeOptions {
  readonly route: Route
  readonly needs: Needs
  readonly recording: Recording
  /** Gives what may go out: the output as the route describes it. */
  handle(house: House, actor: Actor, input: unknown, call: Call): Promise<unknown>
}

/**
 * Serves a route by one act: the verb runs in one transaction, which may be repeated. An output that is not what the
 * route says fails the act before it commits.
 */
export function serve<I extends z.ZodType, O extends z.ZodType>(
  route: Route<I, O>,
  needs: Needs,
  act: (ctx: Ctx, input: z.output<I>, call: Call) => Promise<z.input<O>>,
  options: ServeOptions & Recording = {},
): Served {
  const { asksProof = false, beforeEnrolment = false, ...recording } = options
  const isRecorded = kindOf(route, recording) !== null
  return {
    route,
    needs,
    recording,
    asksProof,
    beforeEnrolment,
    handle: (house, actor, input, call) =>
      inTx(house.db, actor, async (ctx) => {
        const output = outputOf(route, await act(ctx, input as z.output<I>, call))
        if (isRecorded && !hasRecorded(ctx)) await record(ctx)
        return output
      }),
  }
}

/**
 * Serves a route whose work is more than one act (takes a file in, waits); the verb opens its own transactions, and
 * records itself in the one that does what was asked (`record`), or it is recorded when it has ended.
 */
export function serveLong<I extends z.ZodType, O extends z.ZodType>(
  route: Route<I, O>,
  needs: Needs,
  work: (house: House, actor: Actor, input: z.output<I>, call: Call) => Promise<z.input<O>>,
  options: ServeOptions & Recording = {},
): Served {
  const { asksProof = false, beforeEnrolment = false, ...recording } = options
  return {
    route,
    needs,
    recording,
    asksProof,
    beforeEnrolment,
    handle: async (house, actor, input, call) => outputOf(route, await work(house, actor, input as z.output<I>, call)),
  }
}

const outputOf = (route: Route, output: unknown) => (route.reply === 'stream' ? null : route.output.parse(output))

export const anyone: Actor = { kind: 'system', id: 'anyone', permissions: new Set(), scope: { memberIds: [] } }

export type Authenticate = (request: FastifyRequest) => Promise<Actor | null>

/** Puts every route under `/api`. */
export function mountRoutes(
  app: FastifyInstance,
  house: House,
  served: readonly Served[],
  {
    authenticate,
    wantsWholeGroup,
  }: {
    authenticate: Authenticate
    /** Permissions that a grant over less than the whole group doesn't give. */
    wantsWholeGroup: (permission: Permission) => boolean
  },
): void {
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  const limit = refusalLimit()
  for (const one of served) {
    const { route, recording, handle } = one
    const kind = kindOf(route, recording)
    app.route({
      method: route.method,
      url: `/api${route.path}`,
      handler: async (request, reply) => {
        const address = addressOf(request.ip, request.socket.remoteAddress)
        const asking = (input: unknown) =>
          askingOf(
            one,
            { id: request.id, address, params: request.params as Record<string, unknown> },
            input as Record<string, unknown> | null,
          )
        const caller = (await authenticate(request)) ?? anyone
        const known = await admitted(caller, one, wantsWholeGroup).catch(async (refusal: Refusal) => {
          if (refusal.kind === 'forbidden') await recordRefusal(house, limit, caller, asking(null), refusal)
          throw refusal
        })
        refuseUnproved(known, one)
        // What goes out beside the output. A repeated act says it again, a failed one has said nothing.
        const cookies = new Map<string, () => void>()
        let file: Parameters<Call['sendFile']>[0] | null = null
        const call: Call = {
          body: request.body as Readable,
          cookies: cookiesOf(request, house),
          address,
          agent: request.headers['user-agent'] ?? null,
          peer: {
            address: request.socket.remoteAddress ?? null,
            forwarded: forwardedBy.some((name) => request.headers[name] !== undefined),
            host: request.headers.host ?? '',
          },
          setCookie: (name, value, { maxAgeSeconds } = {}) => {
            const secure = house.publicUrl.startsWith('https:')
            const shared = { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
            const named = `${prefixOf(house)}${name}`
            cookies.set(name, () => {
              if (value === null) reply.clearCookie(named, shared)
              else reply.setCookie(named, value, { ...shared, ...(maxAgeSeconds ? { maxAge: maxAgeSeconds } : {}) })
            })
          },
          sendFile: (what) => {
            file = what
          },
        }
        const input = readInput(route, request)
        const actor = kind === null ? known : { ...known, asking: asking(input) }
        let output: unknown
        try {
          output = await handle(house, actor, input, call)
        } catch (error) {
          // What may not be done, and signing in that failed.
          if (error instanceof Refusal && (error.kind === 'forbidden' || kind === 'session'))
            await recordRefusal(house, limit, known, asking(input), error)
          throw error
        }
        if (actor.asking && !actor.asking.recorded) await inTx(house.db, actor, (ctx) => record(ctx))
        for (const set of cookies.values()) set()
        reply.header('cache-control', 'no-store')
        return file ? sendFile(reply, file) : output
      },
    })
  }
}

/** The caller as the act sees them: within the scope in which they hold what the route needs. */
async function admitted(
  caller: Actor,
  { route, needs }: Served,
  wantsWholeGroup: (permission: Permission) => boolean,
): Promise<Actor> {
  if (needs === 'anyone') return caller
  if (caller === anyone)
    throw new Refusal('unauthenticated', 'access.sign_in', {}, 'Sign in first, or send an API key.')
  const scope = needs === 'signed-in' ? caller.scope : scopeOf(caller, needs)
  if (scope === null || (needs !== 'signed-in' && !may(caller, needs)))
    throw new Refusal('forbidden', 'access.not_permitted', { permission: needs }, `This needs the permission ${needs}.`)
  if (scope !== 'group' && wantsWholeGroup(needs))
    throw new Refusal(
      'forbidden',
      'access.whole_group_needed',
      { permission: needs },
      `This needs the permission ${needs} over the whole group.`,
    )
  if (caller.readOnly && route.method !== 'GET')
    throw new Refusal(
      'forbidden',
      'access.only_looking',
      {},
      'You are looking at the console as somebody else. Go back to yourself to change something.',
    )
  return { ...caller, scope }
}

/** What the person can put right at once is no attempt at what they may not, so the log doesn't hear of it. */
function refuseUnproved(actor: Actor, { needs, asksProof, beforeEnrolment }: Served): void {
  if (actor.mustEnrol && needs !== 'anyone' && !beforeEnrolment)
    throw new Refusal(
      'forbidden',
      'access.second_factor_needed',
      {},
      'The group wants a second factor of you. Set it up first, on the page of your account.',
    )
  if (asksProof && actor.mustProveBy) throw proofWanted(actor.mustProveBy)
}

export const proofWanted = (by: NonNullable<Actor['mustProveBy']>) =>
  new Refusal(
    'forbidden',
    'access.prove_again',
    { by },
    'Prove again that it is you, by your password or a code: POST /api/session/proofs.',
  )

function sendFile(reply: FastifyReply, { name, type, content }: Parameters<Call['sendFile']>[0]): FastifyReply {
  return reply
    .header('content-type', type)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .send(content)
}

/** Path, query and body as one object. Query values that look like JSON objects or lists are read as such. */
function readInput(route: Route, request: FastifyRequest): unknown {
  const wrongBody = wrongBodyOf(route, request.body)
  if (wrongBody) throw new Refusal('invalid', 'request.unreadable', {}, wrongBody)
  const query = Object.fromEntries(
    Object.entries((request.query ?? {}) as Record<string, string>).map(([name, value]) => [name, fromQuery(value)]),
  )
  const body = route.body === 'json' ? (request.body as object | undefined) : {}
  const parsed = route.input.safeParse({ ...query, ...body, ...(request.params as object) })
  const fields = parsed.success
    ? unwritable(parsed.data).map((field) => ({
        field,
        message: "has characters that can't be kept: U+0000 or half of one",
      }))
    : parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
  if (parsed.success && fields.length === 0) return parsed.data
  throw new Refusal(
    'invalid',
    'request.invalid',
    { fields },
    fields.map(({ field, message }) => `${field || 'request'}: ${message}`).join('; '),
  )
}

function wrongBodyOf(route: Route, body: unknown): string | null {
  if (route.body === 'stream') {
    return body instanceof Readable ? null : 'Send the file as the body, with content-type: application/octet-stream.'
  }
  const isObject = typeof body === 'object' && !Array.isArray(body) && !(body instanceof Readable)
  return body === undefined || isObject ? null : 'Send a JSON object as the body, with content-type: application/json.'
}

/** Fields with text that PostgreSQL can't hold: U+0000, or half of a character. */
function unwritable(value: unknown, at: readonly string[] = []): string[] {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? [at.join('.')] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(unwritable(name).length > 0 ? [at.join('.')] : []),
    ...unwritable(inner, [...at, name]),
  ])
}

function fromQuery(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** One table from errors to answers; also for what fastify itself refuses (bad JSON, too large). */
export function answerErrors(app: FastifyInstance, house: Pick<House, 'log'>): void {
  app.setErrorHandler((error, request, reply) => problem(error, request, reply, house))
  app.setNotFoundHandler((request, reply) => {
    problem(
      new Refusal(
        'not_found',
        'request.no_such_route',
        { path: request.url.split('?')[0] },
        'There is nothing at this address.',
      ),
      request,
      reply,
      house,
    )
  })
}

function problem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  house: Pick<House, 'log'>,
): FastifyReply {
  const answer = (
    status: number,
    { code, params, message }: { code: string; params: Record<string, unknown>; message: string },
  ) => {
    const body: Problem = { code, params, message, requestId: request.id }
    return reply.status(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body))
  }
  if (error instanceof Refusal) return answer(statusOf[error.kind], error)
  const fastifyStatus = (error as { statusCode?: number }).statusCode
  if (fastifyStatus && fastifyStatus < 500) {
    return answer(fastifyStatus, { code: 'request.unreadable', params: {}, message: (error as Error).message })
  }
  house.log.error({ err: error, requestId: request.id, route: request.routeOptions?.url }, 'request failed')
  if (isOutage(error)) {
    const full = sqlStateOf(error) === '53100'
    return answer(
      503,
      full
        ? {
            code: 'program.disk_full',
            params: {},
            message: 'The disk is full. Nothing was lost; free some space and try again.',
          }
        : {
            code: 'program.database_away',
            params: {},
            message: 'The database does not answer. Nothing was lost; try again in a moment.',
          },
    )
  }
  return answer(500, {
    code: 'program.bug',
    params: {},
    message: `Something went wrong that should not have. Number of this answer, for whoever looks after the program: ${request.id}`,
  })
}

export const newRequestId = () => randomUUID()

const kinds: RefusalKind[] = ['invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict']

/** The OpenAPI 3.1 document of the routes. */
export function openApi(
  served: readonly Served[],
  { publicUrl, version }: { publicUrl: string; version: string },
): object {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { route, needs, asksProof } of served) {
    const input = z.toJSONSchema(route.input, { io: 'input', unrepresentable: 'any' }) as {
      properties?: Record<string, object>
      required?: string[]
    }
    const properties = input.properties ?? {}
    const inPath = [...route.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]!)
    const rest = Object.keys(properties).filter((name) => !inPath.includes(name))
    const hasBody = route.body === 'json' && route.method !== 'GET' && route.method !== 'DELETE'
    const path = `/api${route.path.replace(/:([A-Za-z]+)/g, '{$1}')}`
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = {
      operationId: operationOf(route),
      summary: route.summary,
      'x-permission': needs,
      ...(asksProof ? { 'x-asks-proof': true } : {}),
      ...(needs === 'anyone' ? { security: [] } : {}),
      parameters: [
        ...inPath.map((name) => ({ name, in: 'path', required: true, schema: properties[name] ?? { type: 'string' } })),
        ...(hasBody
          ? []
          : rest.map((name) => ({
              name,
              in: 'query',
              required: input.required?.includes(name) ?? false,
              schema: properties[name],
            }))),
      ],
      ...(hasBody && rest.length > 0
        ? {
            requestBody: {
              required: true,
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: Object.fromEntries(rest.map((name) => [name, properties[name]])),
                    required: (input.required ?? []).filter((name) => rest.includes(name)),
                  },
                },
              },
            },
          }
        : {}),
      ...(route.body === 'stream'
        ? {
            requestBody: {
              required: true,
              content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
            },
          }
        : {}),
      responses: {
        200: {
          description: 'Done',
          content:
            route.reply === 'stream'
              ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
              : {
                  'application/json': {
                    schema: z.toJSONSchema(route.output, { io: 'output', unrepresentable: 'any' }),
                  },
                },
        },
        ...Object.fromEntries(kinds.map((kind) => [statusOf[kind], { $ref: '#/components/responses/Problem' }])),
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Roundtrip', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: publicUrl }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, made by `bin/roundtrip key add`' },
        session: { type: 'apiKey', in: 'cookie', name: 'roundtrip_session' },
      },
      responses: {
        Problem: {
          description: 'Refused, with the reason as a code',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  code: { type: 'string' },
                  params: { type: 'object' },
                  message: { type: 'string' },
                  requestId: { type: 'string' },
                },
                required: ['code', 'params', 'message', 'requestId'],
              },
            },
          },
        },
      },
    },
  }
}
