/** Why a backup can't be made or brought back. Whatever is said here, nothing was changed. */
import { Refusal } from '#platform/errors'

export const notABackup = () =>
  new Refusal('invalid', 'backup.not_a_backup', {}, 'This file is no backup of Roundtrip. Nothing was changed.')

export const newerFormat = (version: number) =>
  new Refusal(
    'conflict',
    'backup.newer_format',
    { version },
    `This backup has format ${version}, which this Roundtrip can't read yet: it was made by a newer one. Restore it with that one. Nothing was changed.`,
  )

export const damaged = (where: string) =>
  new Refusal(
    'invalid',
    'backup.damaged',
    { where },
    `This backup is damaged or cut off (${where}). Copy it again from where it was made, or take another. Nothing was changed.`,
  )

export const wrongKey = () =>
  new Refusal(
    'conflict',
    'backup.wrong_master_key',
    {},
    'This backup was sealed with another master key than the one at hand. Nothing was changed.',
  )

export const newerProgram = (migration: string) =>
  new Refusal(
    'conflict',
    'backup.newer_program',
    { migration },
    `The backup's database has run migration ${migration}, which this program doesn't have: it was made by a newer program. Restore it with that one. Nothing was changed.`,
  )

export const changedMigration = (migration: string) =>
  new Refusal(
    'conflict',
    'backup.other_migration',
    { migration },
    `Migration ${migration} of this program is not the one that the backup's database has run. Restore it with an unchanged Roundtrip. Nothing was changed.`,
  )

export const notEmpty = (table: string) =>
  new Refusal(
    'conflict',
    'backup.not_empty',
    { table },
    `This database has customers already. A backup is restored only into an empty one: set ROUNDTRIP_DATA to a new folder or DATABASE_URL to a new database. Where only the demonstration stands, bin/roundtrip demo clear takes it away. Nothing was changed.`,
  )

export const foreignDatabase = (schema: string) =>
  new Refusal(
    'conflict',
    'backup.foreign_database',
    { schema },
    `This database has a schema ${schema} that Roundtrip did not make. Set DATABASE_URL to a new database. Nothing was changed.`,
  )

export const databaseInUse = () =>
  new Refusal(
    'conflict',
    'backup.database_in_use',
    {},
    'A program of Roundtrip is connected to this database. Stop it first, then restore. Nothing was changed.',
  )

export const unevenLanes = (reaction: string) =>
  new Refusal(
    'conflict',
    'backup.uneven_lanes',
    { reaction },
    `This database server shares out members otherwise than the one of the backup, and the reaction ${reaction} was in the middle of its work. Make the backup again when bin/roundtrip parked says that it is 0 ms behind. Nothing was changed.`,
  )

export const noRoom = ({ needed, free }: { needed: number; free: number }) =>
  new Refusal(
    'conflict',
    'disk.full',
    { needed, free },
    `The database needs about ${megabytes(needed)} MB to take in this backup, and the disk has ${megabytes(free)} MB free. Nothing was changed.`,
  )

export const databaseFull = () =>
  new Refusal(
    'conflict',
    'disk.full',
    {},
    'The disk of the database became full. Make room on it, then restore again; what was begun is taken back.',
  )

const megabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2).toLocaleString('en')
