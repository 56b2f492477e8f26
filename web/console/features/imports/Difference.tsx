/** What applying would do, in numbers, before anything is written. */
import { Button } from 'antd'
import { applyImport, type ImportView, listImports, readImport } from '#modules/imports/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf } from '#ui/queries.ts'
import { Bar } from '../../parts/Bar.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Difference.module.css'
import page from './ImportPage.module.css'
import { Report } from './Report.tsx'

export function Difference({ one, onBack }: { one: ImportView; onBack: () => void }) {
  const say = useText()
  const mayImport = useMay('imports.write')
  const applying = useAct(applyImport, {
    changes: [keyOf(readImport, { importId: one.id }), keyOf(listImports)],
    onDone: onBack,
  })
  const counts = one.counts!
  const usable = counts.rows - counts.rejected
  const orders = one.as === 'orders'
  return (
    <div className={page.step}>
      <div className={page.work}>
        <div className={css.difference}>
          <h2>{say('difference.title')}</h2>
          <p>{say('difference.why')}</p>
          <dl>
            <Part
              n={counts.created}
              whole={counts.rows}
              tone="accent"
              name={say('difference.created')}
              why={say(orders ? 'difference.createdOrders' : 'difference.createdRecords')}
            />
            <Part
              n={counts.updated}
              whole={counts.rows}
              tone="amber"
              name={say('difference.updated')}
              why={say('difference.updatedWhy')}
            />
            <Part
              n={counts.unchanged}
              whole={counts.rows}
              tone="grey"
              name={say('difference.unchanged')}
              why={say('difference.unchangedWhy')}
            />
            <Part
              n={counts.rejected}
              whole={counts.rows}
              tone="red"
              name={say('difference.rejected')}
              why={say('difference.rejectedWhy')}
            />
          </dl>
          <p className={css.origin}>
            <Icon name="points" size={15} />
            {say(one.origin === 'live' ? 'imports.earnsOn' : orders ? 'imports.earnsOffOrders' : 'imports.earnsOff')}
          </p>
          {counts.openingPoints && (
            <p className={css.origin}>
              <Icon name="card" size={15} />
              {say('difference.openingPoints', { inFile: counts.openingPoints.inFile })}
            </p>
          )}
          <p className={css.origin}>
            <Icon name="undo" size={15} />
            {say('difference.undoable')}
          </p>
        </div>
      </div>
      <aside className={page.side} aria-label={say('report.title')}>
        <Report one={one} />
      </aside>
      <footer className={page.foot}>
        <ProblemNote error={applying.error} />
        <Button onClick={onBack}>{say('difference.back')}</Button>
        {mayImport && (
          <Button
            type="primary"
            loading={applying.isPending}
            disabled={usable === 0}
            onClick={() => applying.mutate({ importId: one.id })}
          >
            {say('difference.apply', { count: usable })}
          </Button>
        )}
      </footer>
    </div>
  )
}

function Part({
  n,
  whole,
  tone,
  name,
  why,
}: {
  n: number
  whole: number
  tone: 'accent' | 'amber' | 'grey' | 'red'
  name: string
  why: string
}) {
  const formats = useFormats()
  return (
    <div className={css.part} data-none={n === 0 || undefined}>
      <dt>
        <b>{name}</b>
        <small>{why}</small>
      </dt>
      <Bar whole={whole} shares={[{ of: n, tone }]} />
      <dd>{formats.number(n)}</dd>
    </div>
  )
}
