/** What cleaning did: what was normalised with before and after, what could not be read, what goes to the error file. */
import type { ReactNode } from 'react'
import { errorFile, type ImportView } from '#modules/imports/contract'
import { addressOf } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { Bar } from '../../parts/Bar.tsx'
import { useFormats, useSession } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { targetName } from './fields.ts'
import css from './Report.module.css'

export function Report({ one }: { one: ImportView }) {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  const { report, counts } = one
  if (!report || !counts) return null
  const { changes, problems, rejections, warnings } = report
  const usable = counts.rows - counts.rejected
  // Amounts are told in the smallest unit of the currency.
  const shown = (field: string, after: string | null) =>
    field === 'amount' && after !== null && /^-?\d+$/.test(after) ? formats.money(Number(after), currency) : after
  return (
    <div className={css.report}>
      <div className={css.title}>
        <h2>{say('report.title')}</h2>
        <small>{say('report.took', { time: formats.duration(one.seconds) })}</small>
      </div>
      <dl className={css.sums}>
        <div>
          <dd>{formats.number(usable)}</dd>
          <dt>
            <i data-tone="accent" />
            {say('report.usable')}
          </dt>
        </div>
        <div>
          <dd>{formats.number(counts.rejected)}</dd>
          <dt>
            <i data-tone="red" />
            {say('report.rejected')}
          </dt>
        </div>
      </dl>
      <Bar
        thick
        whole={counts.rows}
        shares={[
          { of: usable, tone: 'accent' },
          { of: counts.rejected, tone: 'red' },
        ]}
      />

      {warnings.length > 0 && (
        <Group icon="alert" tone="amber" title={say('report.warnings')} note={null}>
          {warnings.map(({ code, count, row }) => (
            <Line key={code} text={say.code('warning', code) ?? code} count={formats.number(count)}>
              {row !== null && <small className={css.aside}>{say('report.firstRow', { row })}</small>}
            </Line>
          ))}
        </Group>
      )}
      {changes.length > 0 && (
        <Group icon="check" tone="green" title={say('report.changes')} note={say('report.changesNote')}>
          {changes.map(({ code, field, count, examples }) => (
            <Line
              key={`${field} ${code}`}
              text={say.code('change', code) ?? code}
              field={targetName(say, field)}
              count={formats.number(count)}
            >
              {examples.slice(0, 2).map(({ before, after }) => (
                <small key={before} className={css.example}>
                  <code>{before}</code>
                  <Icon name="next" size={13} />
                  <span className="spoken">{say('report.becomes')}</span>
                  <code>{shown(field, after)}</code>
                </small>
              ))}
            </Line>
          ))}
        </Group>
      )}
      {problems.length > 0 && (
        <Group icon="info" tone="amber" title={say('report.problems')} note={say('report.problemsNote')}>
          {problems.map(({ code, field, count, examples }) => (
            <Line
              key={`${field} ${code}`}
              text={say.code('problem', code) ?? code}
              field={targetName(say, field)}
              count={formats.number(count)}
            >
              {examples[0] && (
                <small className={css.example}>
                  {examples.map(({ before }) => (
                    <code key={before}>{before}</code>
                  ))}
                </small>
              )}
            </Line>
          ))}
        </Group>
      )}
      {rejections.length > 0 && (
        <Group icon="file" tone="red" title={say('report.rejections')} note={say('report.rejectionsNote')}>
          {rejections.map(({ code, count }) => (
            <Line key={code} text={say.code('rejection', code) ?? code} count={formats.number(count)} />
          ))}
          <ErrorFile importId={one.id} />
        </Group>
      )}
      {changes.length + problems.length + rejections.length + warnings.length === 0 && (
        <p className={css.clean}>{say('report.clean')}</p>
      )}
    </div>
  )
}

export function ErrorFile({ importId }: { importId: string }) {
  const say = useText()
  return (
    <a className={css.download} href={addressOf(errorFile, { importId })} download>
      <Icon name="download" size={14} />
      {say('report.errorFile')}
    </a>
  )
}

function Group({
  icon,
  tone,
  title,
  note,
  children,
}: {
  icon: 'alert' | 'check' | 'info' | 'file'
  tone: string
  title: string
  note: string | null
  children: ReactNode
}) {
  return (
    <section className={css.group}>
      <h3 data-tone={tone}>
        <Icon name={icon} size={15} />
        <span>
          {title} {note && <small className={css.note}>{note}</small>}
        </span>
      </h3>
      {children}
    </section>
  )
}

function Line({ text, field, count, children }: { text: string; field?: string; count: string; children?: ReactNode }) {
  return (
    <div className={css.line}>
      <span>
        {text} {field && <small className={css.aside}>{field}</small>}
      </span>
      <b>{count}</b>
      {children}
    </div>
  )
}
