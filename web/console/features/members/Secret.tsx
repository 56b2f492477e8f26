/**
 * A masked value with an eye. Opening it asks why, because who looked, when and why is kept; what was opened counts
 * down and closes by itself, and is never kept in the cache of the page.
 */
import { Button, Input, Popover, Radio } from 'antd'
import { useEffect, useState } from 'react'
import { memberLooks } from '#modules/audit/contract'
import { revealValue } from '#modules/members/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import { Masked } from '../../parts/Masked.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Secret.module.css'

const openSeconds = 30

export function Secret({
  memberId,
  recordId,
  field,
  masked,
  closed,
}: {
  memberId: string
  recordId: string
  field: string
  masked: string
  /** This person may not open values. */
  closed: boolean
}) {
  const say = useText()
  const [asking, setAsking] = useState(false)
  const [open, setOpen] = useState<{ value: string; left: number } | null>(null)
  const isOpen = open !== null
  useEffect(() => {
    if (!isOpen) return
    const timer = setInterval(
      () => setOpen((now) => (now && now.left > 1 ? { ...now, left: now.left - 1 } : null)),
      1000,
    )
    return () => clearInterval(timer)
  }, [isOpen])

  if (open) {
    return (
      <>
        <span className={css.value}>{open.value}</span>
        <button type="button" className={css.left} onClick={() => setOpen(null)} aria-label={say('secret.close')}>
          <Chip tone="amber">
            <Icon name="clock" size={12} />
            {say('secret.left', { n: open.left })}
          </Chip>
        </button>
      </>
    )
  }
  const name = fieldName(say, field)
  return (
    <>
      <Masked value={masked} />
      {!closed && (
        <Popover
          trigger="click"
          placement="bottomRight"
          open={asking}
          onOpenChange={setAsking}
          destroyOnHidden
          content={
            <Why
              name={name}
              input={{ memberId, recordId, field }}
              onOpened={(value) => {
                setAsking(false)
                setOpen({ value, left: openSeconds })
              }}
            />
          }
        >
          <button type="button" className={css.eye} aria-label={say('secret.open', { name })} aria-expanded={asking}>
            <Icon name="eye" size={15} />
          </button>
        </Popover>
      )}
    </>
  )
}

function Why({
  name,
  input,
  onOpened,
}: {
  name: string
  input: { memberId: string; recordId: string; field: string }
  onOpened: (value: string) => void
}) {
  const say = useText()
  const [chosen, setChosen] = useState<'call' | 'check' | 'other'>('call')
  const [words, setWords] = useState('')
  const revealing = useAct(revealValue, {
    changes: [keyOf(memberLooks)],
    onDone: ({ value }) => onOpened(value ?? say('secret.gone')),
  })
  const reason = chosen === 'other' ? words.trim() : say(`secret.${chosen}`)
  return (
    <form
      className={css.why}
      onSubmit={(event) => {
        event.preventDefault()
        if (reason.length >= 3) revealing.mutate({ ...input, reason })
      }}
    >
      <b>{say('secret.why', { name })}</b>
      <Radio.Group
        className={css.reasons ?? ''}
        value={chosen}
        onChange={({ target }) => setChosen(target.value)}
        options={[
          { value: 'call', label: say('secret.call') },
          { value: 'check', label: say('secret.check') },
          { value: 'other', label: say('secret.other') },
        ]}
      />
      {chosen === 'other' && (
        <Input
          value={words}
          onChange={({ target }) => setWords(target.value)}
          maxLength={300}
          aria-label={say('secret.words')}
          placeholder={say('secret.words')}
        />
      )}
      <p>{say('secret.kept', { n: openSeconds })}</p>
      <ProblemNote error={revealing.error} />
      <Button type="primary" size="small" htmlType="submit" loading={revealing.isPending} disabled={reason.length < 3}>
        {say('secret.show', { n: openSeconds })}
      </Button>
    </form>
  )
}
