/** Placeholder of shape only until the engine lands in this file. */
import type { Ctx } from '#platform/ctx'

/** Columns a module gives to a member's row, and how to read them for many homes at once. */
export interface Facts {
  /** Column name → ClickHouse type. */
  readonly columns: Readonly<Record<string, string>>
  /** One object a home that has facts; homes without are left out and get the types' defaults. */
  read(ctx: Ctx, homes: readonly string[]): Promise<Map<string, Record<string, unknown>>>
}

export interface Warehouse {
  query<T>(query: string, params?: Record<string, unknown>): Promise<T[]>
  insert(table: string, rows: readonly Record<string, unknown>[], token?: string): Promise<void>
  command(statement: string): Promise<void>
  ping(): Promise<boolean>
  close(): Promise<void>
}
