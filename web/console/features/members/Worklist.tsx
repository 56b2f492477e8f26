/** The members behind a number, with what is missing or wrong at each, put right in place or for many at once. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Checkbox, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { addMending, mendValue, settableFields, toMend } from '#modules/quality/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { readingOn } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Masked } from '../../parts/Masked.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useDictionary } from '../../parts/useDictionary.ts'
import { useText } from '../../texts/texts.ts'
import css from './Quality.module.css'
import { Mendings, mendingChanges } from './QualityMendings.tsx'

type Row = Output<typeof toMend>['members'][number]
type Place = { company?: string; channel?: string; staff?: string }
interface Mend {
  member: Row
  field: string
  recordId: string
  /** Something is there that can be cleared. */
  isWrong: boolean
}

export function Worklist({ place, finding }: { place: Place; finding: string }) {
  const say = useText()
  const mayWrite = useMay('members.write')
  const [mending, setMending] = useState<Mend | null>(null)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [many, setMany] = useState<'chosen' | 'all' | null>(null)
  const list = useInfiniteQuery(
    readingOn(toMend, { ...place, finding, limit: 50 }, { from: 'after', next: (page) => page.next }),
  )
  const rows = list.data?.pages.flatMap(({ members }) => members) ?? []
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  const isAll = rows.length > 0 && rows.every(({ id }) => chosen.has(id))
  if (list.isError && !list.data) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (list.data && rows.length === 0)
    return (
      <div className={css.page}>
        <Empty icon="check" title={say('worklist.noneTitle')}>
          {say('worklist.none')}
        </Empty>
        <Mendings />
      </div>
    )
  return (
    <div className={css.page}>
      {mayWrite && finding !== 'duplicates' && (
        <div className={css.bulk}>
          <Checkbox
            checked={isAll}
            indeterminate={!isAll && chosen.size > 0}
            disabled={rows.length === 0}
            onChange={({ target }) => setChosen(new Set(target.checked ? rows.map(({ id }) => id) : []))}
          >
            {chosen.size > 0 ? say('worklist.chosen', { n: chosen.size }) : say('worklist.chooseAll')}
          </Checkbox>
          <span>
            <Button disabled={chosen.size === 0} onClick={() => setMany('chosen')}>
              {say('worklist.mendChosen')}
            </Button>
            <Button disabled={rows.length === 0} onClick={() => setMany('all')}>
              {say('worklist.mendAll')}
            </Button>
          </span>
        </div>
      )}
      <ul className={css.list}>
        {list.isPending &&
          [1, 2, 3, 4].map((row) => (
            <li key={row}>
              <Skeleton width="50%" />
            </li>
          ))}
        {rows.map((member) => (
          <Line
            key={member.id}
            member={member}
            isChosen={chosen.has(member.id)}
            onChoose={mayWrite && finding !== 'duplicates' ? (on) => choose(member.id, on) : null}
            onMend={mayWrite ? setMending : null}
          />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className={css.more}>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {say('worklist.more')}
          </Button>
        </div>
      )}
      <Mendings />
      {mending && <MendOne {...mending} onClose={() => setMending(null)} />}
      {many && (
        <MendMany
          finding={finding}
          place={place}
          chosen={many === 'chosen' ? [...chosen] : null}
          onClose={() => {
            setMany(null)
            setChosen(new Set())
          }}
        />
      )}
    </div>
  )
}

function Line({
  member,
  isChosen,
  onChoose,
  onMend,
}: {
  member: Row
  isChosen: boolean
  onChoose: ((on: boolean) => void) | null
  onMend: ((mend: Mend) => void) | null
}) {
  const say = useText()
  const { fieldText } = useDictionary()
  const name = member.name ?? say('members.unnamed')
  const wrongFields = new Set(member.wrong.map(({ field }) => field))
  const whatIs = [
    ...member.wrong.map(({ field, code, recordId }) => ({
      key: `${field}:${code}`,
      field,
      recordId,
      isWrong: true,
      text: say('quality.whatIsWrong', { field: fieldText(field), what: say.code('problem', code) ?? code }),
    })),
    ...member.missing
      .filter((field) => !wrongFields.has(field))
      .map((field) => ({
        key: field,
        field,
        recordId: member.recordId,
        isWrong: false,
        text: say('quality.without', { field: fieldText(field) }),
      })),
  ]
  return (
    <li>
      {onChoose ? (
        <Checkbox
          checked={isChosen}
          onChange={({ target }) => onChoose(target.checked)}
          aria-label={say('worklist.choose', { name })}
        />
      ) : (
        <span />
      )}
      <Avatar name={member.name} of={member.id} />
      <span className={css.who}>
        <Link to="/members/$memberId" params={{ memberId: member.id }} className="cut">
          {name}
        </Link>
        <small className="cut">
          {member.phone && <Masked value={member.phone} />} {member.channels.join(' / ')}
        </small>
        {member.staff.length > 0 && (
          <small className="cut">{say('worklist.servedBy', { names: member.staff.join(', ') })}</small>
        )}
      </span>
      <span className={css.whats}>
        {whatIs.map(({ key, field, recordId, isWrong, text }) =>
          onMend ? (
            <button
              key={key}
              type="button"
              className={isWrong ? css.isWrong : css.isMissing}
              aria-label={say('worklist.mend', { what: text, name })}
              onClick={() => onMend({ member, field, recordId, isWrong })}
            >
              {text}
              <Icon name="edit" size={12} />
            </button>
          ) : (
            <Chip key={key} tone={isWrong ? 'amber' : 'grey'}>
              {text}
            </Chip>
          ),
        )}
      </span>
    </li>
  )
}

/** The words of a field, where it has a list; else what is typed. */
function ValueField({ field, value, onChange }: { field: string; value: string; onChange: (value: string) => void }) {
  const say = useText()
  const { entryOf, fieldText, valueText } = useDictionary()
  const entry = entryOf(field)
  const options = (entry?.values ?? []).map(({ code }) => ({ value: code, label: valueText(field, code) }))
  if (options.length > 0 && (entry?.closed || field === 'gender'))
    return (
      <Select
        className={css.wide ?? ''}
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
        aria-label={fieldText(field)}
        placeholder={say('worklist.choosePlaceholder')}
        showSearch={{ optionFilterProp: 'label' }}
        options={options}
      />
    )
  return (
    <Input
      value={value}
      maxLength={300}
      autoComplete="off"
      aria-label={fieldText(field)}
      onChange={({ target }) => onChange(target.value)}
    />
  )
}

function MendOne({ member, field, recordId, isWrong, onClose }: Mend & { onClose: () => void }) {
  const say = useText()
  const { fieldText } = useDictionary()
  const [value, setValue] = useState('')
  const [reason, setReason] = useState('')
  const saving = useAct(mendValue, { changes: mendingChanges, onDone: onClose })
  const save = (next: string | null) =>
    saving.mutate({ memberId: member.id, recordId, field: field as 'name', value: next, reason: reason.trim() })
  return (
    <Modal
      open
      title={say('worklist.mendTitle', { field: fieldText(field), name: member.name ?? say('members.unnamed') })}
      onCancel={onClose}
      footer={
        <>
          {isWrong && (
            <Button danger disabled={reason.trim() === ''} loading={saving.isPending} onClick={() => save(null)}>
              {say('worklist.clear')}
            </Button>
          )}
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            disabled={value.trim() === '' || reason.trim() === ''}
            loading={saving.isPending}
            onClick={() => save(value.trim())}
          >
            {say('group.save')}
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <span>{fieldText(field)}</span>
        <ValueField field={field} value={value} onChange={setValue} />
        <span>{say('worklist.reason')}</span>
        <Input
          value={reason}
          maxLength={300}
          aria-label={say('worklist.reason')}
          placeholder={say('worklist.reasonExample')}
          onChange={({ target }) => setReason(target.value)}
        />
        <p className={css.small}>{say('worklist.mendEffect')}</p>
        <ProblemNote error={saving.error} />
      </div>
    </Modal>
  )
}

function MendMany({
  finding,
  place,
  chosen,
  onClose,
}: {
  finding: string
  place: Place
  /** Null: all behind the number. */
  chosen: readonly string[] | null
  onClose: () => void
}) {
  const say = useText()
  const { fieldText, fields } = useDictionary()
  const about = finding.split(':')[1]
  const settable = [
    ...settableFields,
    ...fields.filter(({ field }) => field.startsWith('custom.')).map(({ field }) => field),
  ]
  const [kind, setKind] = useState<'set' | 'clear'>(
    finding.startsWith('wrong:') && !settable.includes(about ?? '') ? 'clear' : 'set',
  )
  const clearable = about && finding.startsWith('wrong:') && !settable.includes(about) ? [...settable, about] : settable
  const [field, setField] = useState<string>(about && clearable.includes(about) ? about : 'source')
  const [value, setValue] = useState('')
  const [reason, setReason] = useState('')
  const [id] = useState(newId)
  const beginning = useAct(addMending, { changes: mendingChanges, onDone: onClose })
  const ready = reason.trim() !== '' && (kind === 'clear' || value.trim() !== '')
  return (
    <Modal
      open
      title={chosen ? say('worklist.manyTitle', { n: chosen.length }) : say('worklist.allTitle')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            danger={kind === 'clear'}
            disabled={!ready}
            loading={beginning.isPending}
            onClick={() =>
              beginning.mutate({
                id,
                kind,
                field: field as 'source',
                ...(kind === 'set' ? { value: value.trim() } : {}),
                ...(chosen ? { memberIds: [...chosen] } : { behind: { ...place, finding } }),
                reason: reason.trim(),
              })
            }
          >
            {chosen
              ? say(kind === 'set' ? 'worklist.setFor' : 'worklist.clearFor', { n: chosen.length })
              : say(kind === 'set' ? 'worklist.setForAll' : 'worklist.clearForAll')}
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Select
          className={css.wide ?? ''}
          value={kind}
          onChange={setKind}
          aria-label={say('worklist.what')}
          options={[
            { value: 'set' as const, label: say('worklist.set') },
            { value: 'clear' as const, label: say('worklist.clear') },
          ]}
        />
        <Select
          className={css.wide ?? ''}
          value={field}
          onChange={(next) => {
            setField(next)
            setValue('')
          }}
          aria-label={say('worklist.field')}
          options={(kind === 'clear' ? clearable : settable).map((one) => ({ value: one, label: fieldText(one) }))}
        />
        {kind === 'set' && <ValueField field={field} value={value} onChange={setValue} />}
        <span>{say('worklist.reason')}</span>
        <Input
          value={reason}
          maxLength={300}
          aria-label={say('worklist.reason')}
          placeholder={say('worklist.reasonExample')}
          onChange={({ target }) => setReason(target.value)}
        />
        <p className={css.small}>{say(kind === 'set' ? 'worklist.setEffect' : 'worklist.clearEffect')}</p>
        <ProblemNote error={beginning.error} />
      </div>
    </Modal>
  )
}
