/** Says that another member is the same person: find it, see what would come of it, or why not, then decide. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Input, Modal } from 'antd'
import { useId, useState } from 'react'
import { listMembers, memberPage } from '#modules/desk/contract'
import { joinMembers, joinPreview } from '#modules/members/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { fieldName } from '../../parts/fieldName.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Explanation } from './Explanation.tsx'
import { FindMember } from './FindMember.tsx'
import css from './JoinMember.module.css'
import type { Person } from './Records.tsx'

export function JoinMember({
  member,
  otherId,
  onClose,
}: {
  member: Person
  otherId: string | null
  onClose: () => void
}) {
  const say = useText()
  const navigate = useNavigate()
  const [chosen, setChosen] = useState(otherId)
  const [reason, setReason] = useState('')
  const reasonField = useId()
  const mayExplain = useMaySee('members.join')
  const preview = useQuery({
    ...reading(joinPreview, { memberId: member.id, otherId: chosen ?? '' }),
    enabled: chosen !== null,
    staleTime: 0,
  })
  const joining = useAct(joinMembers, {
    changes: [keyOf(memberPage), keyOf(listMembers)],
    onDone: async ({ memberId }) => {
      onClose()
      await navigate({ to: '/members/$memberId', params: { memberId }, replace: true })
    },
  })
  const ready = preview.data?.allowed === true && reason.trim() !== ''
  return (
    <Modal
      open
      title={say('join.title', { name: member.name ?? say('members.unnamed') })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            disabled={!ready}
            loading={joining.isPending}
            onClick={() => chosen && joining.mutate({ memberId: member.id, otherId: chosen, reason: reason.trim() })}
          >
            {preview.data?.allowed ? say('join.act', { count: preview.data.records }) : say('member.join')}
          </Button>
        </>
      }
    >
      <FindMember except={member.id} chosen={chosen} onChoose={setChosen} />
      <ProblemNote error={preview.error} />
      {preview.data && (
        <div className={css.preview} aria-live="polite">
          {preview.data.refusals.map(({ code, params }) => (
            <p key={code + JSON.stringify(params)} className={css.refusal}>
              {say.code('refusal', code, named(params)) ?? code}
            </p>
          ))}
          {preview.data.warnings.map(({ code, params }) => (
            <p key={code + JSON.stringify(params)} className={css.warning}>
              {say.code('joinWarning', code, named(params)) ?? code}
            </p>
          ))}
          {preview.data.allowed && <p>{say('join.effect', { name: preview.data.name ?? say('members.unnamed') })}</p>}
        </div>
      )}
      {chosen !== null && mayExplain && <Explanation a={member.id} b={chosen} />}
      {preview.data?.allowed && (
        <label className={css.reason} htmlFor={reasonField}>
          {say('join.reason')}
          <Input
            id={reasonField}
            value={reason}
            maxLength={300}
            placeholder={say('join.reasonExample')}
            onChange={({ target }) => setReason(target.value)}
          />
        </label>
      )}
      <ProblemNote error={joining.error} />
    </Modal>
  )

  /** Fields and kinds of identity in the params are named in the reader's language. */
  function named(params: Record<string, unknown>): Record<string, unknown> {
    const name = (value: unknown) => (typeof value === 'string' ? fieldName(say, value) : value)
    return { ...params, field: name(params.field), kind: name(params.kind) }
  }
}
