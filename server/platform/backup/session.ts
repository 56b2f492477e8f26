/** What the connections of a backup and of a restore have in common. */
import type pg from 'pg'

/** Values are written and read in one way, whatever the server or the database is set to. */
export async function plainSession(client: pg.Client): Promise<void> {
  await client.query(`
    set client_encoding = 'UTF8'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';
    set bytea_output = 'hex'; set extra_float_digits = 1;
    set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0`)
}

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/**
 * How this server shares out members to lanes: PostgreSQL's hash of text may differ between machines. Four names that
 * fall alike say that all do, since it is one function.
 */
export async function sharingOf(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ hash: number }>(
    `select hashtext(name) as hash from unnest(array['', 'a', '00000000-0000-0000-0000-000000000000', '往返']) with ordinality as n(name, place) order by place`,
  )
  return rows.map(({ hash }) => hash)
}
