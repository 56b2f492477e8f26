/** What members are asked, word by word. A version is never changed: a new wording is a new version, in all languages. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { actorName } from '#platform/events'
import type { Language } from './contract.ts'
import { topicUnknown } from './errors.ts'
import { type Topic, topicOf, topics } from './topics.ts'

export interface Text {
  topic: string
  version: number
  language: Language
  title: string
  body: string
  savedAt: Date
}

const columns = sql`topic, version, language, title, body, saved_at as "savedAt"`

/** The newest version of each topic, in the order of the topics. */
export async function textsInForce(ctx: Pick<Ctx, 'tx'>, language?: Language): Promise<Text[]> {
  const { rows } = await sql<Text>`
    select ${columns} from privacy.texts t where version = (select max(version) from privacy.texts n where n.topic = t.topic)
      ${language ? sql`and language = ${language}` : sql``} order by language`.execute(ctx.tx)
  const place = (text: Text) => topics.findIndex(({ topic }) => topic === text.topic)
  return rows.filter((text) => place(text) >= 0).sort((a, b) => place(a) - place(b))
}

export async function versionInForce(ctx: Pick<Ctx, 'tx'>, topic: Topic): Promise<number> {
  const { rows } = await sql<{
    version: number
  }>`select max(version) as version from privacy.texts where topic = ${topic}`.execute(ctx.tx)
  return rows[0]!.version
}

/** Every wording that a topic has had, newest first. */
export async function versionsOfText(ctx: Pick<Ctx, 'tx'>, topic: string): Promise<Text[]> {
  if (!topicOf(topic)) throw topicUnknown(topic)
  const { rows } = await sql<Text>`
    select ${columns} from privacy.texts where topic = ${topic} order by version desc, language`.execute(ctx.tx)
  return rows
}

export async function writeVersion(
  ctx: Ctx,
  { topic, wordings }: { topic: string; wordings: Record<Language, { title: string; body: string }> },
): Promise<number> {
  const known = topicOf(topic)
  if (!known) throw topicUnknown(topic)
  await takeTurns(ctx, 'record', [`privacy text ${topic}`])
  const version = (await versionInForce(ctx, known.topic)) + 1
  for (const [language, { title, body }] of Object.entries(wordings))
    await sql`insert into privacy.texts (topic, version, language, title, body, saved_at, actor)
      values (${topic}, ${version}, ${language}, ${title}, ${body}, ${ctx.now}, ${actorName(ctx.actor)})`.execute(
      ctx.tx,
    )
  return version
}
