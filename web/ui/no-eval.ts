/**
 * Imported before everything else: zod compiles schemas by `eval` where it may, and the page's policy says that nothing
 * may; even its question whether it may would stand in the browser's log as a violation.
 */
import { config } from 'zod/v4/core'

config({ jitless: true })
