/**
 * How commands speak to the program: over the socket of the running one, or to a house opened for as long as the
 * command needs it. Either way by the same routes as every other client.
 */

import { request as httpRequest } from 'node:http'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Config } from '#platform/config'
import { type Problem, type Route, requestOf } from '#platform/contract'
import { Refusal, type RefusalKind, statusOf } from '#platform/errors'
import { openLog } from '#platform/log'
import { type Given, printResult } from './command.ts'
import { openHouse } from './house.ts'
import { listenOnSocket, socketOf } from './main.ts'

export interface Program {
  call<I extends z.ZodType, O extends z.ZodType>(route: Route<I, O>, input: z.input<I>): Promise<z.output<O>>
  /** Sends a file as the request's body. */
  send<I extends z.ZodType, O extends z.ZodType>(
    route: Route<I, O>,
    input: z.input<I>,
    body: Readable,
  ): Promise<z.output<O>>
  /** The reply as it comes, for files. */
  stream<I extends z.ZodType>(route: Route<I>, input: z.input<I>): Promise<Readable>
  close(): Promise<void>
}

/** The program that runs on this data folder, if one does. */
export async function running(config: Config): Promise<Program | null> {
  return (await answers(socketOf(config))) ? client(socketOf(config), async () => {}) : null
}

export async function connect(config: Config): Promise<Program> {
  const program = await running(config)
  if (program) return program
  const house = await openHouse(config, openLog(config.logLevel === 'info' ? 'warn' : config.logLevel))
  const server = await listenOnSocket(house, config)
  return client(socketOf(config), async () => {
    await server.close()
    await house.close()
  })
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = httpRequest({ socketPath, path: '/healthz', timeout: 10_000 }, (response) => {
      response.resume()
      resolve(true)
    })
    request.on('error', () => resolve(false))
    request.on('timeout', () => {
      request.destroy()
      resolve(false)
    })
    request.end()
  })
}

function client(socketPath: string, close: () => Promise<void>): Program {
  const open = (route: Route, input: Record<string, unknown>, body?: Readable): Promise<Readable> => {
    const { url, body: json } = requestOf(route, input)
    return new Promise((resolve, reject) => {
      const headers = body
        ? { 'content-type': 'application/octet-stream' }
        : json === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }
      const request = httpRequest({ socketPath, path: `/api${url}`, method: route.method, headers }, (response) => {
        if ((response.statusCode ?? 500) < 400) resolve(response as Readable)
        else readAll(response).then((text) => reject(refusalOf(response.statusCode!, text)), reject)
      })
      request.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'ECONNRESET' || error.code === 'ECONNREFUSED' || error.code === 'ENOENT'
            ? programGone()
            : error,
        ),
      )
      if (body) body.on('error', (error) => request.destroy(error)).pipe(request)
      else request.end(json ?? undefined)
    })
  }
  const read = async <O extends z.ZodType>(route: Route<z.ZodType, O>, response: Promise<Readable>) =>
    route.output.parse(JSON.parse(await readAll(await response)))
  return {
    call: (route, input) => read(route, open(route as Route, input as Record<string, unknown>)),
    send: (route, input, body) => read(route, open(route as Route, input as Record<string, unknown>, body)),
    stream: (route, input) => open(route as Route, input as Record<string, unknown>),
    close,
  }
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const programGone = () =>
  new Refusal(
    'conflict',
    'program.gone',
    {},
    'The program stopped while the command was waiting. What was done stays done; give the command again to go on.',
  )

function refusalOf(status: number, text: string): Error {
  try {
    const { code, params, message } = JSON.parse(text) as Problem
    const kind = (Object.keys(statusOf) as RefusalKind[]).find((one) => statusOf[one] === status) ?? 'conflict'
    return new Refusal(kind, code, params, message)
  } catch {
    return new Error(`The program answered ${status}: ${text.slice(0, 200)}`)
  }
}

/** Runs work against the program and prints its result: one JSON document, or the lines for a person. */
export async function withProgram<T>(
  config: Config,
  given: Given,
  work: (program: Program) => Promise<T>,
  lines: (result: T) => string[],
): Promise<T> {
  const program = await connect(config)
  try {
    const result = await work(program)
    printResult(given, result, lines)
    return result
  } finally {
    await program.close()
  }
}
