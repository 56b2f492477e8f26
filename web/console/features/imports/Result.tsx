/** What came of an import, what to look at, and the way back. */
import { Button } from 'antd'
import { useState } from 'react'
import type { ImportView } from '#modules/imports/contract'
import { Icon } from '#ui/icons.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import page from './ImportPage.module.css'
import { Progress } from './Progress.tsx'
import { ErrorFile, Report } from './Report.tsx'
import css from './Result.module.css'
import { UndoImport } from './UndoImport.tsx'

export function Result({ one }: { one: ImportView }) {
  const say = useText()
  const formats = useFormats()
  const mayUndo = useMay('imports.undo')
  const mayImport = useMay('imports.write')
  const [undoing, setUndoing] = useState(false)
  if (one.state === 'undoing') {
    return (
      <div className={css.undoing}>
        <h2>{say('undo.working')}</h2>
        <Progress one={one} />
        <p>{say('undo.mayLeave')}</p>
      </div>
    )
  }
  if (one.state === 'undone') {
    return (
      <Empty
        icon="undo"
        title={say('undo.done')}
        action={mayImport && <LinkButton to="/imports/new">{say('imports.new')}</LinkButton>}
      >
        {say('undo.doneWhy')}
      </Empty>
    )
  }
  const counts = one.counts!
  const sums = [
    ['result.created', counts.created],
    ['result.updated', counts.updated],
    ['result.unchanged', counts.unchanged],
    ['result.rejected', counts.rejected],
  ] as const
  return (
    <div className={page.step}>
      <div className={page.work}>
        <div className={css.result}>
          <h2>
            <Icon name="check" size={18} />
            {say('result.title', { count: counts.rows - counts.rejected })}
          </h2>
          <p>{say('result.took', { time: formats.duration(one.seconds) })}</p>
          <dl className={css.sums}>
            {sums.map(([name, n]) => (
              <div key={name}>
                <dt>{say(name)}</dt>
                <dd>{formats.number(n)}</dd>
              </div>
            ))}
          </dl>
          <ul className={css.facts}>
            {counts.members !== null && <li>{say('result.members', { count: counts.members })}</li>}
            {counts.joined !== null && counts.joined > 0 && <li>{say('result.joined', { count: counts.joined })}</li>}
            {counts.openingPoints && <li>{say('result.openingPoints', counts.openingPoints)}</li>}
            <li>
              {say(
                one.origin === 'live'
                  ? 'imports.earnsOn'
                  : one.as === 'orders'
                    ? 'imports.earnsOffOrders'
                    : 'imports.earnsOff',
              )}
            </li>
          </ul>
          <div className={css.acts}>
            <LinkButton to="/members" search={{ channel: one.channel.code }} primary>
              {say('result.see')}
            </LinkButton>
            {counts.rejected > 0 && <ErrorFile importId={one.id} />}
            {mayUndo && (
              <Button icon={<Icon name="undo" size={15} />} onClick={() => setUndoing(true)}>
                {say('undo.open')}
              </Button>
            )}
          </div>
        </div>
      </div>
      <aside className={page.side} aria-label={say('report.title')}>
        <Report one={one} />
      </aside>
      {undoing && <UndoImport one={one} onClose={() => setUndoing(false)} />}
    </div>
  )
}
