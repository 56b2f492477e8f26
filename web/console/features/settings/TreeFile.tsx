/**
 * The tree from a spreadsheet: drop it, see which column is what, what is wrong by row and field, and what would
 * change; then it is told whole. Nothing is written before.
 */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo, useState } from 'react'
import { channelCode } from '#modules/channels/contract'
import { readTreeFile } from '#modules/imports/contract'
import { compareTree, putTree } from '#modules/organisation/contract'
import { type Output, type Problem, send } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Drop } from '../../parts/Drop.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLater } from '../../parts/useLater.ts'
import { useText } from '../../texts/texts.ts'
import { changedByTree } from './EditPlace.tsx'
import css from './TreeFile.module.css'
import { Columns, Differences, Mistakes, type TreeField } from './TreeParts.tsx'
import { useTreeTemplate } from './useTreeTemplate.ts'

type Reading = Output<typeof readTreeFile>
export type Told = Reading['rows'][number]['told']
export const placeOf = ({ kind, code }: Pick<Told, 'kind' | 'code'>) => `${kind} ${code}`

export function TreeFile() {
  const say = useText()
  const formats = useFormats()
  const downloadTemplate = useTreeTemplate()
  const [file, setFile] = useState<File | null>(null)
  /** Codes that were made here, as a person wants them instead. */
  const [ownCodes, setOwnCodes] = useState<ReadonlyMap<string, string>>(new Map())
  const read = useMutation<Reading, Problem, { file: File; columns?: (TreeField | null)[] }>({
    mutationFn: ({ file: content, columns }) =>
      send(readTreeFile, columns ? { columns } : {}, content, {
        signal: new AbortController().signal,
        onProgress: () => undefined,
      }),
  })
  const rows = useMemo(() => withOwnCodes(read.data?.rows ?? [], ownCodes), [read.data, ownCodes])
  const badCodes = rows.filter(({ told: { code } }) => !channelCode.safeParse(code).success)
  const asked = useLater(rows, 300)
  const toTell = asked.map(({ told }) => told)
  const compared = useQuery({
    ...reading(compareTree, { rows: toTell }),
    enabled: toTell.length > 0 && asked === rows && badCodes.length === 0,
    placeholderData: (before) => before,
  })
  const put = useAct(putTree, { changes: changedByTree })

  const take = (taken: File, columns?: (TreeField | null)[]) => {
    setFile(taken)
    setOwnCodes(new Map())
    put.reset()
    read.mutate({ file: taken, ...(columns ? { columns } : {}) })
  }
  const mistakes = [
    ...(read.data?.mistakes ?? []),
    ...(compared.data?.mistakes ?? []).map((mistake) => ({
      ...mistake,
      row: asked[mistake.row - 1]?.number ?? mistake.row,
    })),
  ].sort((one, other) => one.row - other.row)
  const differences = compared.data?.differences.length === rows.length ? compared.data.differences : null
  const toWrite = differences?.filter(({ outcome }) => outcome !== 'same').length ?? 0
  const mayPut = differences !== null && asked === rows && mistakes.length === 0 && badCodes.length === 0 && toWrite > 0
  const template = (
    <Button icon={<Icon name="download" size={15} />} onClick={downloadTemplate}>
      {say('tree.template')}
    </Button>
  )
  return (
    <>
      <PageHead
        trail={[{ label: say('settings.organisation'), to: '/settings', search: { tab: 'organisation' } }]}
        title={say('tree.title')}
        actions={file && template}
      />
      <div className={css.page}>
        {put.data ? (
          <section className={css.done} role="status">
            <h2>{say('tree.doneTitle')}</h2>
            <p>
              {say('tree.done', {
                created: formats.number(put.data.created),
                updated: formats.number(put.data.updated),
                unchanged: formats.number(put.data.unchanged),
              })}
            </p>
            <LinkButton to="/settings" search={{ tab: 'organisation' }} primary>
              {say('tree.toTree')}
            </LinkButton>
          </section>
        ) : !file ? (
          <section className={css.first}>
            <p>{say('tree.lead')}</p>
            <Drop onFile={(dropped) => take(dropped)} kinds={say('tree.kinds', { n: formats.number(5_000) })} />
            {template}
          </section>
        ) : (
          <>
            <div className={css.file}>
              <Icon name="file" size={20} />
              <b className="cut">{file.name}</b>
              <small>{read.data && say('tree.read', { n: formats.number(read.data.rows.length) })}</small>
              <Button
                size="small"
                onClick={() => {
                  setFile(null)
                  read.reset()
                }}
              >
                {say('tree.otherFile')}
              </Button>
            </div>
            {read.isPending && (
              <div aria-busy="true" className={css.waiting}>
                <Skeleton width="60%" height={22} />
                <Skeleton width="80%" height={22} />
              </div>
            )}
            <ProblemNote error={read.error} />
            {read.data && (
              <>
                <Columns
                  columns={read.data.columns}
                  onChange={(columns) => take(file, columns)}
                  unclear={read.data.rows.length === 0 && read.data.mistakes.length === 0}
                />
                <Mistakes mistakes={mistakes} />
                <ProblemNote error={compared.error} />
                {differences && (
                  <Differences
                    rows={rows}
                    differences={differences}
                    onCode={(place, code) => setOwnCodes(new Map(ownCodes).set(place, code))}
                  />
                )}
                <ProblemNote error={put.error} />
                {rows.length > 0 && (
                  <div className={css.acts}>
                    <small>
                      {mistakes.length > 0
                        ? say('tree.mistakesFirst')
                        : differences && toWrite === 0
                          ? say('tree.nothingNew')
                          : say('tree.nothingYet')}
                    </small>
                    <Button
                      type="primary"
                      disabled={!mayPut}
                      loading={put.isPending}
                      onClick={() => put.mutate({ rows: rows.map(({ told }) => told) })}
                    >
                      {say('tree.put', { count: toWrite })}
                    </Button>
                  </div>
                )}
              </>
            )}
          </>
        )}
      </div>
    </>
  )
}

/** The rows with the codes that a person chose; stores follow their company. */
function withOwnCodes(rows: Reading['rows'], own: ReadonlyMap<string, string>) {
  return rows.map((row) => {
    const { told } = row
    const code = own.get(placeOf(told)) ?? told.code
    return {
      ...row,
      place: placeOf(told),
      told:
        told.kind === 'company'
          ? { ...told, code }
          : { ...told, code, company: own.get(`company ${told.company}`) ?? told.company },
    }
  })
}
export type TreeRow = ReturnType<typeof withOwnCodes>[number]
