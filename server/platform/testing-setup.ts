/**
 * Once for a run of tests: throw-away clusters and in each the template database with every migration. One cluster for
 * each worker, because reactions read below the oldest transaction of a cluster: in one, a file of tests that holds a
 * transaction open would hold up the reactions of every other.
 */
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
  const clusters = await Promise.all(
    Array.from({ length: project.config.maxWorkers }, (_, worker) =>
      startPostgres({ folder: join(folder, String(worker)), test: true }),
    ),
  )
  project.provide('templateUrls', await Promise.all(clusters.map(({ url }) => makeTemplate(url))))
  return async () => {
    await Promise.all(clusters.map((cluster) => cluster.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeTemplate(clusterUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: clusterUrl })
  await client.connect()
  await client.query('create database roundtrip_template')
  await client.end()
  const url = new URL(clusterUrl)
  url.pathname = '/roundtrip_template'
  await migrate(url.href)
  await prepareJobs(url.href)
  return url.href
}
