/**
 * What the log may know of a request: the operation, whom it is about, ids, and the names of the fields that it gives.
 * Of values only those that are ids by their shape, or that the route names as codes: a secret or a phone can't slip in.
 */
import { z } from 'zod'
import { type About, type Asking, type AuditKind, uuid } from '#platform/audit'
import type { Route } from '#platform/contract'
import { withoutPersonalValues } from '#platform/log'

/** How the log takes a route. Left out: every request that changes something is a `change`, and none that reads. */
export interface Recording {
  /** `never`: it is asked often and changes nothing that anybody would ask about. */
  readonly as?: AuditKind | 'never'
  /** Fields whose values are codes of the program or of the group, and may stand in the log. */
  readonly codes?: readonly string[]
}

export const kindOf = (route: Route, { as }: Recording): AuditKind | null =>
  as === 'never' ? null : (as ?? (route.method === 'GET' ? null : 'change'))

/** Name of the operation, as the OpenAPI document has it. */
export const operationOf = (route: Pick<Route, 'method' | 'path'>): string =>
  `${route.method.toLowerCase()}${route.path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`

const ofMember = /^(?:memberId|otherId|recordId|\w+MemberId)$/
const secret = /^(?:password|old|answer|token|ticket)$/
const mostFields = 40
const longestCode = 80

export function askingOf(
  { route, needs, recording }: { route: Route; needs: string; recording: Recording },
  request: { id: string; address: string; params: Record<string, unknown> },
  /** Null: it was refused before it was read. */
  input: Readonly<Record<string, unknown>> | null,
): Asking {
  return {
    requestId: request.id,
    address: request.address,
    act: operationOf(route),
    kind: kindOf(route, recording) ?? 'look',
    permission: needs,
    about: aboutOf(route, recording, request.params, input),
    recorded: false,
  }
}

function aboutOf(
  route: Route,
  { codes = [] }: Recording,
  params: Record<string, unknown>,
  input: Readonly<Record<string, unknown>> | null,
): About {
  const members = new Set<string>()
  const ids: Record<string, string> = {}
  const fields: string[] = []
  const details: Record<string, number> = {}
  const names = shapeOf(route.input)
  for (const [name, value] of Object.entries(input ?? params)) {
    if (value === undefined) continue
    // A secret may look like an id.
    if (typeof value === 'string' && uuid.test(value) && !secret.test(name)) {
      ids[name] = value.toLowerCase()
      if (ofMember.test(name)) members.add(value.toLowerCase())
    } else if (typeof value === 'string' && (name in params || codes.includes(name))) {
      ids[name] = codeOf(value)
    } else if (name !== 'reason') {
      // Of a record within, the fields that it gives; names that only the input knows (columns of a file) are not told.
      const inner = names.get(name)
      const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
      const known = given.flatMap(([own, said]) => (inner?.has(own) && said !== undefined ? [`${name}.${own}`] : []))
      fields.push(...(known.length > 0 ? known : [name]))
      if (Array.isArray(value)) details[name] = value.length
    }
  }
  const reason = typeof input?.reason === 'string' ? input.reason : null
  return { members: [...members], ids, fields: fields.slice(0, mostFields), reason, details }
}

/** A path that was not read yet may hold anything. */
const codeOf = (value: string) => withoutPersonalValues(value.replaceAll('\0', '').toWellFormed()).slice(0, longestCode)

type Shape = ReadonlyMap<string, ReadonlySet<string> | null>

const shapes = new WeakMap<z.ZodType, Shape>()

/** The fields that a route describes, each with those within it. */
function shapeOf(input: z.ZodType): Shape {
  const known = shapes.get(input)
  if (known) return known
  const object = objectOf(input)
  const shape = new Map(
    Object.entries(object?.shape ?? {}).map(([name, field]) => {
      const inner = objectOf(field as z.ZodType)
      return [name, inner && new Set(Object.keys(inner.shape))] as const
    }),
  )
  shapes.set(input, shape)
  return shape
}

function objectOf(type: z.ZodType): z.ZodObject | null {
  if (type instanceof z.ZodObject) return type
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodNullable)
    return objectOf(type.unwrap() as z.ZodType)
  return null
}
