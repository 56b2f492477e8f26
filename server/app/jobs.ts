/** Everything that is done by the clock or in the background: the platform's own jobs and those of the modules. */
import { reindexJob } from '#platform/blind-indexes'
import { makeEventPartitions } from '#platform/events'
import type { Job } from '#platform/jobs'
import { vaultRotationJob } from '#platform/vault-rotation'
import { warehouseRebuildJob } from '#platform/warehouse-feed'
import { blindIndexes, facts, homeKeys, modules } from './modules.ts'

const partitions: Job = { name: 'events.partitions', cron: '15 3 * * *', run: (house) => makeEventPartitions(house.db) }

export const jobs: readonly Job[] = [
  partitions,
  warehouseRebuildJob(facts),
  vaultRotationJob(homeKeys),
  reindexJob(blindIndexes),
  ...modules.flatMap((module) => module.jobs ?? []),
]
