/** Whether the log is as it was written: what the last check found, when, and a check on request. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popover } from 'antd'
import { checkSeal, readSeal } from '#modules/audit/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Audit.module.css'

const named = 20

export function Seal() {
  const say = useText()
  const formats = useFormats()
  const seal = useQuery({ ...reading(readSeal, {}), refetchInterval: 60_000 })
  const checking = useAct(checkSeal, { changes: [keyOf(readSeal)] })
  if (!seal.data) return null
  const { sealed, check } = seal.data
  const broken = check?.broken ?? []
  const tone = check === null || (sealed === null && broken.length === 0) ? 'grey' : broken.length > 0 ? 'red' : 'green'
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      content={
        <div className={css.seal}>
          {broken.length > 0 && (
            <>
              <b>{say('audit.brokenTitle')}</b>
              <p>{say('audit.brokenHint')}</p>
              <ul>
                {broken.slice(0, named).map(({ invariant, ids, detail }) => (
                  <li key={`${invariant} ${ids.join(' ')} ${detail}`}>
                    {say.code('auditBroken', invariant) ?? invariant} <code>{ids.slice(0, 3).join(' ')}</code>
                  </li>
                ))}
              </ul>
            </>
          )}
          {check && <p>{say('audit.checked', { at: formats.dateTime(check.checkedAt) })}</p>}
          {sealed && <p>{say('audit.sealed', { at: formats.dateTime(sealed.sealedAt) })}</p>}
          <ProblemNote error={checking.error} />
          <Button size="small" loading={checking.isPending} onClick={() => checking.mutate({})}>
            {say('audit.check')}
          </Button>
        </div>
      }
    >
      <button type="button" className={css.chip}>
        <Chip tone={tone}>
          <Icon name={tone === 'red' ? 'alert' : 'shield'} size={13} />
          {say(
            broken.length > 0
              ? 'audit.broken'
              : check === null
                ? 'audit.unchecked'
                : sealed === null
                  ? 'audit.unsealed'
                  : 'audit.inOrder',
          )}
        </Chip>
        {check && <span className={css.checked}>{say('audit.checked', { at: formats.ago(check.checkedAt) })}</span>}
      </button>
    </Popover>
  )
}
