/**
 * Whether this process has its hands full with bulk work (an import being applied). What may come later, such as
 * feeding the warehouse, then leaves it the machine.
 */

let works = 0

export function bulkGoing(): boolean {
  return works > 0
}

/** Runs bulk work; while any is going on, `bulkGoing` says so. */
export async function inBulk<T>(work: () => Promise<T>): Promise<T> {
  works++
  try {
    return await work()
  } finally {
    works--
  }
}
