/** Once for a run of tests: a throw-away cluster and the template database with every migration. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { prepareJobs } from '#platform/jobs'
import { migrate } from '#platform/migrations'
import { startPostgres } from '#platform/postgres'

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-test-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), test: true })
  const url = new URL(postgres.url)
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query('create database roundtrip_template')
  await client.end()
  url.pathname = '/roundtrip_template'
  await migrate(url.href)
  await prepareJobs(url.href)
  project.provide('templateUrl', url.href)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
