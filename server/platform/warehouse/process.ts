/**
 * The embedded ClickHouse, alone in this process, for the program that started it. It works until it is told to close;
 * when the program is gone it ends at once, because being killed is what it survives best and a successor may wait.
 */
import { drainPending, Session } from 'chdb'
import type { Answer, Opening, Question } from './engine.ts'

const { folder, engineArguments, settings } = JSON.parse(process.argv[2]!) as Opening

/** A session does one thing at a time and would block a thread for each that waits, so they wait here. */
interface Desk {
  readonly session: Session
  waiting: number
  turn: Promise<unknown>
}

function openDesk(): Desk {
  // The first session starts the engine by these arguments; the others join it.
  const session = new Session(folder, { connectionArgs: [...engineArguments] })
  session.query('create database if not exists roundtrip engine = Atomic')
  session.query('use roundtrip')
  for (const [name, value] of Object.entries(settings)) session.query(`set ${name} = '${value}'`)
  return { session, waiting: 0, turn: Promise.resolve() }
}

const nothing = () => {}

function at<T>(desk: Desk, work: (session: Session) => Promise<T>): Promise<T> {
  desk.waiting++
  const done = desk.turn.then(() => work(desk.session)).finally(() => desk.waiting--)
  // The next in line doesn't care how this one ended; whoever asked hears of it.
  desk.turn = done.then(nothing, nothing)
  return done
}

const writer = openDesk()
const readers = [openDesk(), openDesk()]
/** Answers `ping` while readers and writer are busy. */
const pulse = openDesk()

const freeReader = () => readers.reduce((best, desk) => (desk.waiting < best.waiting ? desk : best))

async function answer(question: Question): Promise<Uint8Array | number | null> {
  switch (question.verb) {
    case 'query': {
      const { query, params, format } = question
      const asked = Object.keys(params).length > 0
      const result = await at(freeReader(), (session) =>
        asked ? session.queryBindAsync(query, params, { format }) : session.queryAsync(query, { format }),
      )
      return result.bytes()
    }
    case 'insert': {
      const { table, rows, token } = question
      await at(writer, (session) =>
        session.insert({
          table,
          values: rows,
          format: 'JSONEachRow',
          settings: { insert_deduplication_token: token },
        }),
      )
      return null
    }
    case 'command':
      await at(writer, (session) => session.queryAsync(question.query))
      return null
    case 'ping':
      await at(pulse, (session) => session.queryAsync('select 1'))
      return null
    case 'memory':
      return process.memoryUsage.rss()
    case 'close':
      for (const desk of [writer, ...readers, pulse]) await desk.turn
      for (const { session } of [writer, ...readers, pulse]) session.close()
      await drainPending()
      return null
  }
}

function send(message: Answer | 'ready'): void {
  if (process.connected) process.send!(message)
}

process.on('message', ({ id, question }: { id: number; question: Question }) => {
  answer(question)
    .then(
      (value) => send({ id, value }),
      (error: Error) => send({ id, error: error.message }),
    )
    .finally(() => {
      // The rows came as a buffer outside V8's heap, which it is in no hurry to free: without this an import of a
      // million rows stood 75 MB higher.
      if (question.verb === 'insert') globalThis.gc?.({ type: 'minor' })
    })
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole group; the program tells us when to end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
send('ready')
