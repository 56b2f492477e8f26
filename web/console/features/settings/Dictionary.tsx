/** What the fields may say, how each value is called and spelled, what stands in the data, and fields of one's own. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { type DictionaryEntry, mapSpellings, putField, readDictionary, removeField } from '#modules/dictionary/contract'
import { addSurvey, applyDictionary, listMendings, readSpellings, undoMending } from '#modules/quality/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useDictionary, wordName } from '../../parts/useDictionary.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Dictionary.module.css'
import { EditField, EditValue } from './DictionaryForms.tsx'
import settings from './Settings.module.css'

const route = getRouteApi('/frame/settings')

export const dictionaryChanges = [keyOf(readDictionary), keyOf(readSpellings)]
const ofOrders = new Set(['product', 'paymentMethod', 'status'])
/** Read when it comes in, so that nothing stands there in another spelling. */
const readOnEntry = new Set(['status', 'documentType'])

type Spellings = Output<typeof readSpellings>

export function Dictionary() {
  const say = useText()
  const { query, fields, fieldText } = useDictionary()
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('dictionary.write')
  const [adding, setAdding] = useState(false)
  const keyOfField = ({ field, company }: { field: string; company: string | null }) => `${company ?? ''}|${field}`
  const entry =
    fields.find((one) => one.field === address.field && (one.company ?? undefined) === address.company) ?? fields[0]
  const groups = [
    {
      label: say('dictionary.ofMembers'),
      of: fields.filter(({ field }) => !ofOrders.has(field) && !field.startsWith('custom.')),
    },
    { label: say('dictionary.ofOrders'), of: fields.filter(({ field }) => ofOrders.has(field)) },
    { label: say('dictionary.own'), of: fields.filter(({ field }) => field.startsWith('custom.')) },
  ].filter(({ of }) => of.length > 0)
  const companies = query.data?.companies ?? []
  return (
    <div className={settings.page}>
      <section className={settings.wide}>
        <div className={settings.title}>
          <h2>{say('dictionary.title')}</h2>
          {mayWrite && (
            <Button icon={<Icon name="plus" size={15} />} disabled={!query.data} onClick={() => setAdding(true)}>
              {say('dictionary.add')}
            </Button>
          )}
        </div>
        <p className={settings.why}>{say('dictionary.why')}</p>
        {query.isError && !query.data ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : !entry ? (
          <Skeleton width="40%" height={28} />
        ) : (
          <Select
            className={css.field ?? ''}
            value={keyOfField(entry)}
            onChange={(key) => {
              const [company, field] = key.split('|')
              void navigate({
                search: { tab: 'dictionary', ...(field ? { field } : {}), ...(company ? { company } : {}) },
                replace: true,
              })
            }}
            aria-label={say('dictionary.field')}
            popupMatchSelectWidth={false}
            options={groups.map(({ label, of }) => ({
              label,
              options: of.map((one) => ({
                value: keyOfField(one),
                label:
                  one.company === null
                    ? fieldText(one.field)
                    : `${fieldText(one.field)} · ${companies.find(({ code }) => code === one.company)?.name ?? one.company}`,
              })),
            }))}
          />
        )}
      </section>
      {entry && <Field key={keyOfField(entry)} entry={entry} />}
      {adding && <EditField entry={null} companies={companies} onClose={() => setAdding(false)} />}
    </div>
  )
}

function Field({ entry }: { entry: DictionaryEntry }) {
  const say = useText()
  const mayWrite = useMay('dictionary.write') && entry.mine
  const { query, fieldText } = useDictionary()
  const [editing, setEditing] = useState(false)
  const [valueAt, setValueAt] = useState<number | 'new' | null>(null)
  const { field, company, kind, closed, values } = entry
  const spellings = useQuery({
    ...reading(readSpellings, { field, company }),
    refetchInterval: ({ state }) => (state.data?.progress ? 1_000 : false),
  })
  const removing = useAct(removeField, { changes: dictionaryChanges })
  const isOwn = field.startsWith('custom.')
  return (
    <>
      <section className={settings.wide}>
        <div className={settings.title}>
          <h2>
            {fieldText(field)} <code className={css.code}>{field}</code>
          </h2>
          {mayWrite && (
            <span className={settings.acts}>
              <Button
                size="small"
                onClick={() => setEditing(true)}
                aria-label={say('dictionary.editField', { field: fieldText(field) })}
              >
                {say('dictionary.edit')}
              </Button>
              {(isOwn || entry.version > 0) && (
                <Popconfirm
                  title={say(isOwn ? 'dictionary.removeTitle' : 'dictionary.resetTitle', { field: fieldText(field) })}
                  description={say(isOwn ? 'dictionary.removeEffect' : 'dictionary.resetEffect')}
                  okText={say(isOwn ? 'dictionary.remove' : 'dictionary.reset')}
                  okButtonProps={{ danger: true }}
                  onConfirm={() => removing.mutate({ field, company })}
                >
                  <Button size="small" loading={removing.isPending}>
                    {say(isOwn ? 'dictionary.remove' : 'dictionary.reset')}
                  </Button>
                </Popconfirm>
              )}
            </span>
          )}
        </div>
        <p className={settings.why}>
          <Dotted>
            {say(`fieldKind.${kind}`)}
            {kind === 'choice' && say(closed ? 'dictionary.closed' : 'dictionary.open')}
            {company !== null && (query.data?.companies.find(({ code }) => code === company)?.name ?? company)}
            {!entry.mine && say('dictionary.notYours')}
          </Dotted>
        </p>
        <ProblemNote error={removing.error} />
        {kind === 'choice' && (
          <>
            <Values entry={entry} onEdit={mayWrite ? setValueAt : null} />
            {mayWrite && entry.open && (
              <Button icon={<Icon name="plus" size={15} />} onClick={() => setValueAt('new')}>
                {say('dictionary.addValue')}
              </Button>
            )}
          </>
        )}
      </section>
      {spellings.isError && !spellings.data ? (
        <Failure error={spellings.error} onRetry={() => void spellings.refetch()} />
      ) : (
        <InTheData entry={entry} spellings={spellings.data} mayWrite={mayWrite} />
      )}
      {editing && <EditField entry={entry} companies={query.data?.companies ?? []} onClose={() => setEditing(false)} />}
      {valueAt !== null && (
        <EditValue entry={entry} value={valueAt === 'new' ? null : values[valueAt]!} onClose={() => setValueAt(null)} />
      )}
    </>
  )
}

function Values({ entry, onEdit }: { entry: DictionaryEntry; onEdit: ((at: number) => void) | null }) {
  const say = useText()
  const language = useLanguage()
  const saving = useAct(putField, { changes: dictionaryChanges })
  if (entry.values.length === 0) return <p className={css.noValues}>{say('dictionary.noValues')}</p>
  return (
    <>
      <ul className={css.values}>
        {entry.values.map(({ code, names, spellings }, at) => {
          const name = wordName(names, language)
          return (
            <li key={code}>
              <span className={css.name}>
                <b>{name}</b>
                {name !== code && <code className={css.code}>{code}</code>}
              </span>
              <span className={css.spellings}>
                {spellings.map((spelling) => (
                  <Chip key={spelling}>{spelling}</Chip>
                ))}
              </span>
              {onEdit && (
                <span className={settings.acts}>
                  <Button size="small" aria-label={say('dictionary.editValue', { name })} onClick={() => onEdit(at)}>
                    {say('dictionary.edit')}
                  </Button>
                  {!entry.fixed.includes(code) && (
                    <Popconfirm
                      title={say('dictionary.removeValueTitle', { name })}
                      description={say('dictionary.removeValueEffect')}
                      okText={say('dictionary.remove')}
                      okButtonProps={{ danger: true }}
                      onConfirm={() =>
                        saving.mutate({ ...entry, values: entry.values.filter((value) => value.code !== code) })
                      }
                    >
                      <Button size="small" aria-label={say('dictionary.removeValue', { name })}>
                        {say('dictionary.remove')}
                      </Button>
                    </Popconfirm>
                  )}
                </span>
              )}
            </li>
          )
        })}
      </ul>
      <ProblemNote error={saving.error} />
    </>
  )
}

/** How it is written in what is there: what is likely one word, what nobody knows, and writing it anew. */
function InTheData({
  entry,
  spellings,
  mayWrite,
}: {
  entry: DictionaryEntry
  spellings: Spellings | undefined
  mayWrite: boolean
}) {
  const say = useText()
  const formats = useFormats()
  const looking = useAct(addSurvey, { changes: [keyOf(readSpellings)] })
  const unknown = spellings?.spellings.filter(({ state }) => state === 'unknown') ?? []
  const proposed = new Set(spellings?.proposals.flatMap((one) => one.spellings.map(({ text }) => text)))
  const left = unknown.filter(({ text }) => !proposed.has(text))
  return (
    <section className={settings.wide}>
      <div className={settings.title}>
        <h2>{say('dictionary.inTheData')}</h2>
        {mayWrite && (
          <Button
            size="small"
            icon={<Icon name="refresh" size={14} />}
            loading={looking.isPending || !!spellings?.progress}
            onClick={() => looking.mutate({})}
          >
            {say('dictionary.lookAgain')}
          </Button>
        )}
      </div>
      <p className={settings.why}>
        {spellings &&
          (spellings.surveyedAt
            ? say('dictionary.surveyed', { at: formats.dateTime(spellings.surveyedAt), n: spellings.different })
            : say('dictionary.notSurveyed'))}
      </p>
      {spellings?.progress && (
        <ProgressBar done={spellings.progress.looked} of={spellings.progress.total} label={say('dictionary.looking')} />
      )}
      <ProblemNote error={looking.error} />
      {!spellings ? (
        <Skeleton width="60%" />
      ) : (
        <>
          {entry.values.length > 0 && !readOnEntry.has(entry.field) && (
            <Apply entry={entry} toRewrite={spellings.toRewrite} mayWrite={mayWrite} />
          )}
          {spellings.proposals.length > 0 && (
            <>
              <h3 className={css.heading}>{say('dictionary.proposals')}</h3>
              <ul className={css.rows}>
                {spellings.proposals.map((proposal) => (
                  <ProposalRow key={proposal.value} entry={entry} proposal={proposal} mayWrite={mayWrite} />
                ))}
              </ul>
            </>
          )}
          {left.length > 0 && (
            <>
              <h3 className={css.heading}>
                {say(entry.closed || entry.kind !== 'choice' ? 'dictionary.unknown' : 'dictionary.others')}
              </h3>
              <ul className={css.rows}>
                {left.slice(0, 100).map(({ text, count }) => (
                  <UnknownRow key={text} entry={entry} text={text} count={count} mayWrite={mayWrite} />
                ))}
              </ul>
              {left.length > 100 && (
                <p className={settings.none}>{say('dictionary.moreOthers', { n: left.length - 100 })}</p>
              )}
            </>
          )}
        </>
      )}
    </section>
  )
}

function ProposalRow({
  entry,
  proposal: { value, isNew, spellings, count },
  mayWrite,
}: {
  entry: DictionaryEntry
  proposal: Spellings['proposals'][number]
  mayWrite: boolean
}) {
  const say = useText()
  const formats = useFormats()
  const { valueText } = useDictionary()
  const mapping = useAct(mapSpellings, { changes: dictionaryChanges })
  const name = valueText(entry.field, value)
  return (
    <li>
      <span className={css.spellings}>
        {spellings.map(({ text, count: times }) => (
          <Chip key={text} tone={text === value ? 'accent' : 'amber'}>
            {text} {formats.number(times)}
          </Chip>
        ))}
        <Icon name="right" size={13} />
        <b>{name}</b>
        {isNew && <small>{say('dictionary.newValue')}</small>}
      </span>
      <span className={css.count}>{formats.number(count)}</span>
      {mayWrite ? (
        <Button
          size="small"
          loading={mapping.isPending}
          aria-label={say('dictionary.mapTo', { name })}
          onClick={() =>
            mapping.mutate({
              field: entry.field,
              company: entry.company,
              spellings: spellings.map(({ text }) => text),
              value,
            })
          }
        >
          {say('dictionary.map')}
        </Button>
      ) : (
        <span />
      )}
      <ProblemNote error={mapping.error} />
    </li>
  )
}

const nothing = '\u0000'

function UnknownRow({
  entry,
  text,
  count,
  mayWrite,
}: {
  entry: DictionaryEntry
  text: string
  count: number
  mayWrite: boolean
}) {
  const say = useText()
  const formats = useFormats()
  const { valueText } = useDictionary()
  const mapping = useAct(mapSpellings, { changes: dictionaryChanges })
  return (
    <li>
      <span className="cut">{text}</span>
      <span className={css.count}>{formats.number(count)}</span>
      {mayWrite && entry.kind === 'choice' ? (
        <Select
          className={css.means ?? ''}
          size="small"
          value={null}
          loading={mapping.isPending}
          placeholder={say('dictionary.means')}
          aria-label={say('dictionary.meansOf', { text })}
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          onChange={(value: string) =>
            mapping.mutate({
              field: entry.field,
              company: entry.company,
              spellings: [text],
              value: value === nothing ? null : value,
            })
          }
          options={[
            ...(entry.open && !entry.values.some(({ code }) => code === text)
              ? [{ value: text, label: say('dictionary.itself') }]
              : []),
            ...entry.values.map(({ code }) => ({ value: code, label: valueText(entry.field, code) })),
            { value: nothing, label: say('dictionary.blank') },
          ]}
        />
      ) : (
        <span />
      )}
      <ProblemNote error={mapping.error} />
    </li>
  )
}

/** Writes the words in place of their spellings, and takes the last time back. */
function Apply({ entry, toRewrite, mayWrite }: { entry: DictionaryEntry; toRewrite: number; mayWrite: boolean }) {
  const say = useText()
  const formats = useFormats()
  const mayUndo = useMay('members.write')
  const changes = [keyOf(listMendings), keyOf(readSpellings)]
  const list = useQuery({
    ...reading(listMendings, { limit: 20 }),
    enabled: mayUndo,
    refetchInterval: ({ state }) =>
      state.data?.mendings.some((one) => one.state === 'running' || one.state === 'undoing') ? 1_000 : false,
  })
  const last = list.data?.mendings.find((one) => one.field === entry.field && one.reason === 'dictionary')
  const applying = useAct(applyDictionary, { changes })
  const undoing = useAct(undoMending, { changes })
  const isWorking = last?.state === 'running' || last?.state === 'undoing'
  return (
    <div className={css.apply}>
      <span>
        {isWorking ? (
          <>
            {say(last.state === 'undoing' ? 'dictionary.undoing' : 'dictionary.rewriting', {
              n: last.state === 'undoing' ? last.undone : last.changed,
            })}
            <ProgressBar
              done={last.state === 'undoing' ? last.undone : last.looked}
              of={last.state === 'undoing' ? last.changed : last.total}
              label={say('dictionary.applying')}
            />
          </>
        ) : (
          <>
            {toRewrite > 0 ? say('dictionary.toRewrite', { n: toRewrite }) : say('dictionary.allWritten')}
            {last && (
              <small>
                {last.state === 'undone'
                  ? say('dictionary.lastUndone', { at: formats.dateTime(last.createdAt), n: last.undone })
                  : say('dictionary.lastApplied', { at: formats.dateTime(last.createdAt), n: last.changed })}
              </small>
            )}
          </>
        )}
        <ProblemNote error={applying.error ?? undoing.error} />
      </span>
      {mayUndo && !isWorking && last && last.state !== 'undone' && last.changed > 0 && (
        <Popconfirm
          title={say('mending.undoTitle', { n: last.changed })}
          description={say('mending.undoEffect')}
          okText={say('mending.undo')}
          onConfirm={() => undoing.mutate({ mendingId: last.id })}
        >
          <Button loading={undoing.isPending}>{say('mending.undo')}</Button>
        </Popconfirm>
      )}
      {mayWrite && !isWorking && toRewrite > 0 && (
        <Popconfirm
          title={say('dictionary.applyTitle', { n: toRewrite })}
          description={say('dictionary.applyEffect')}
          okText={say('dictionary.apply')}
          onConfirm={() => applying.mutate({ id: newId(), field: entry.field, company: entry.company })}
        >
          <Button type="primary" loading={applying.isPending}>
            {say('dictionary.applyTo', { n: toRewrite })}
          </Button>
        </Popconfirm>
      )}
    </div>
  )
}
