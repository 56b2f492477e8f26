/**
 * How the embedded PostgreSQL is set for the machine it wakes up on. Pure arithmetic: what it weighs is memory, disk
 * and the day of a membership program, which writes a lot in small transactions and counts in the warehouse.
 */
const MB = 1024 ** 2
const GB = 1024 ** 3

export const ownSettings = 'postgresql.local.conf'

export interface Machine {
  memoryBytes: number
  freeDiskBytes: number
  cores: number
}

export function settingsFor({ memoryBytes, freeDiskBytes, cores }: Machine): Record<string, string> {
  // Every process that touches a shared page counts it as its own resident memory, and the kernel caches the same
  // file pages anyway. Measured with a million rows by two connections: 128 MB was not faster than 64 MB, and took
  // 345 MB of resident memory above idle where 64 MB took 226; 32 MB was slower.
  const sharedBuffers = between(32 * MB, memoryBytes / 16, 64 * MB)
  // Full-page images after each checkpoint are what write-heavy days pay for, so checkpoints are far apart, as far
  // as the disk allows: the log may take a tenth of what is free.
  const maxWal = between(256 * MB, freeDiskBytes / 10, 4 * GB)
  return {
    // Nobody is asked for a password: the socket lies in the cluster's folder, which only its owner may enter.
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    max_connections: '60',

    shared_buffers: megabytes(sharedBuffers),
    effective_cache_size: megabytes(memoryBytes * 0.6),
    work_mem: megabytes(between(4 * MB, memoryBytes / 512, 16 * MB)),
    maintenance_work_mem: megabytes(between(32 * MB, memoryBytes / 64, 128 * MB)),
    autovacuum_work_mem: megabytes(between(16 * MB, memoryBytes / 128, 64 * MB)),
    // At this size it writes too few pages to help, while making every shared page resident once more.
    bgwriter_lru_maxpages: '0',
    io_workers: String(between(1, Math.floor(cores / 2), 3)),
    // Reports are the warehouse's work; a query over members that spreads over all cores would hold up the acts.
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: String(between(0, cores - 1, 2)),
    jit: 'off',
    random_page_cost: '1.1',

    fsync: 'on',
    synchronous_commit: 'on',
    // The only method of this build, pglz, halved the transactions a second.
    wal_compression: 'off',
    wal_buffers: '8MB',
    max_wal_size: megabytes(maxWal),
    min_wal_size: megabytes(between(80 * MB, maxWal / 4, 1 * GB)),
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',

    // Balances, cursors and counters are updated all day: their dead rows are taken away while they are few.
    autovacuum_max_workers: '2',
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    autovacuum_vacuum_cost_limit: '1000',

    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    cluster_name: 'roundtrip',

    // Its lines go to the program's own log, which keeps no personal data: a failed statement and the detail of an
    // error would carry members' values there. Errors reach whoever ran the statement.
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_parameter_max_length_on_error: '0',
    log_autovacuum_min_duration: '-1',
  }
}

/** For the clusters that tests throw away: nothing in them has to outlive a power cut. */
export const throwAway: Record<string, string> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '1GB',
}

/** PostgreSQL mentions a file that isn't there at every start, so own settings are included when there are some. */
export function settingsFile(settings: Record<string, string>, { hasOwn }: { hasOwn: boolean }): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  return [
    '# Written anew by Roundtrip at each start, for the memory and the disk that it finds.',
    `# Settings of your own belong in ${ownSettings} beside this file; they win.`,
    ...lines,
    ...(hasOwn ? [`include '${ownSettings}'`] : []),
    '',
  ].join('\n')
}

function between(least: number, wanted: number, most: number): number {
  return Math.max(least, Math.min(wanted, most))
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / MB)}MB`
}
