/**
 * How the embedded ClickHouse is held to a laptop's size. Measured with a million events and a million rows of facts:
 * 100 MB above idle with these, 330 without. A ClickHouse server keeps its own configuration.
 */
import { availableParallelism, totalmem } from 'node:os'

const megabyte = 1024 * 1024
const threads = Math.max(2, Math.floor(availableParallelism() / 2))
/** What queries, merges and caches may take together; above it a query is refused, not the process killed. */
const memoryBytes = Math.max(
  512 * megabyte,
  Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 4),
)

/** The server's part of the configuration, as XML. */
export function engineConfiguration(): string {
  return `<clickhouse>
${xml({
  max_server_memory_usage: memoryBytes,
  mark_cache_size: 16 * megabyte,
  primary_index_cache_size: 16 * megabyte,
  index_mark_cache_size: megabyte,
  query_condition_cache_size: megabyte,
  compiled_expression_cache_size: megabyte,
  background_pool_size: 1,
  background_merges_mutations_concurrency_ratio: 1,
  max_thread_pool_size: 64 + 16 * threads,
  max_io_thread_pool_size: 8,
})}
<merge_tree>
${xml({
  // Merges go column by column in small blocks, so that their memory doesn't grow with the width of a row.
  vertical_merge_algorithm_min_rows_to_activate: 1,
  vertical_merge_algorithm_min_columns_to_activate: 1,
  merge_max_block_size: 1024,
  merge_max_block_size_bytes: megabyte,
  max_parts_to_merge_at_once: 10,
  min_compress_block_size: 65_536,
  max_compress_block_size: 65_536,
  // With one thread of merges these must be zero, or it would wait for free ones.
  number_of_free_entries_in_pool_to_lower_max_size_of_merge: 0,
  number_of_free_entries_in_pool_to_execute_mutation: 0,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 0,
})}
</merge_tree>
</clickhouse>
`
}

/** Settings of every session, which count from the moment the engine opens its folder. */
export function engineArguments(): string[] {
  return [
    `--max_threads=${threads}`,
    '--max_insert_threads=1',
    '--input_format_parallel_parsing=0',
    '--output_format_parallel_formatting=0',
    '--max_read_buffer_size=131072',
    // A query that would take more memory than this goes on by the disk.
    `--max_bytes_before_external_group_by=${Math.floor(memoryBytes / 4)}`,
    `--max_bytes_before_external_sort=${Math.floor(memoryBytes / 4)}`,
  ]
}

function xml(values: Record<string, number>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('\n')
}
