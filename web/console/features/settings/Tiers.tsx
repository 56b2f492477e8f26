/** The tiers that members climb, what they look like, and what all points out there are worth. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Popconfirm } from 'antd'
import { useId, useState } from 'react'
import { memberPage } from '#modules/desk/contract'
import {
  addTier,
  changeTier,
  type Landscape,
  landscapes,
  listTiers,
  memberTier,
  orderTiers,
  readLiability,
  removeTier,
  type TierNames,
} from '#modules/points/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { languageNames } from '#ui/languages.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Peaks, scenes, tierName } from '#ui/tiers.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Settings.module.css'

type Tier = Output<typeof listTiers>['tiers'][number]

/** What shows tiers. */
const changes = [keyOf(listTiers), keyOf(memberTier), keyOf(memberPage)]

export function Tiers() {
  const say = useText()
  const mayChange = useMay('settings.change')
  const list = useQuery(reading(listTiers, {}))
  const [editing, setEditing] = useState<Tier | 'new' | null>(null)
  const ordering = useAct(orderTiers, { changes })
  const tiers = list.data?.tiers ?? []
  const move = (from: number, to: number) => {
    const codes = tiers.map(({ code }) => code)
    codes.splice(to, 0, ...codes.splice(from, 1))
    ordering.mutate({ codes })
  }
  return (
    <div className={css.page}>
      <section>
        <div className={css.title}>
          <h2>{say('tiers.title')}</h2>
          {mayChange && (
            <Button
              type="primary"
              icon={<Icon name="plus" size={15} />}
              disabled={!list.data}
              onClick={() => setEditing('new')}
            >
              {say('tiers.add')}
            </Button>
          )}
        </div>
        <p className={css.why}>{say('tiers.why')}</p>
        <ProblemNote error={ordering.error} />
        {list.isError && !list.data ? (
          <Failure error={list.error} onRetry={() => void list.refetch()} />
        ) : list.isPending ? (
          [1, 2, 3, 4].map((row) => (
            <div key={row} className={css.tier}>
              <Skeleton width={64} height={44} />
              <Skeleton width="40%" />
            </div>
          ))
        ) : (
          <ol>
            {tiers.map((tier, index) => (
              <TierRow
                key={tier.code}
                tier={tier}
                isFirst={index === 0}
                onEdit={() => setEditing(tier)}
                onUp={index > 0 && !ordering.isPending ? () => move(index, index - 1) : null}
                onDown={index < tiers.length - 1 && !ordering.isPending ? () => move(index, index + 1) : null}
              />
            ))}
          </ol>
        )}
      </section>
      <Liability />
      {editing && <EditTier tier={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </div>
  )
}

function TierRow({
  tier,
  isFirst,
  onEdit,
  onUp,
  onDown,
}: {
  tier: Tier
  isFirst: boolean
  onEdit: () => void
  onUp: (() => void) | null
  onDown: (() => void) | null
}) {
  const say = useText()
  const mayChange = useMay('settings.change')
  const name = useTierName()(tier.names)
  const removing = useAct(removeTier, { changes })
  return (
    <li className={css.tier}>
      <img className={css.thumb} src={scenes[tier.landscape]} alt={say(`landscape.${tier.landscape}`)} />
      <div>
        <b className={css.mark} style={{ color: `var(--tier-${tier.landscape}-ink)` }}>
          <Peaks landscape={tier.landscape} />
          <span className="cut">{name}</span>
        </b>
        <small>{isFirst ? say('tiers.everybody') : say('tiers.invited', { count: tier.invited })}</small>
        <ProblemNote error={removing.error} />
      </div>
      {mayChange && (
        <span className={css.acts}>
          <Button
            size="small"
            type="text"
            icon={<Icon name="up" />}
            aria-label={say('tiers.lower', { name })}
            disabled={!onUp}
            onClick={() => onUp?.()}
          />
          <Button
            size="small"
            type="text"
            icon={<Icon name="down" />}
            aria-label={say('tiers.higher', { name })}
            disabled={!onDown}
            onClick={() => onDown?.()}
          />
          <Button size="small" onClick={onEdit} aria-label={say('tiers.editOne', { name })}>
            {say('tiers.edit')}
          </Button>
          {!isFirst && (
            <Popconfirm
              title={say('tiers.removeTitle', { name })}
              description={say('tiers.removeEffect')}
              okText={say('tiers.remove')}
              okButtonProps={{ danger: true }}
              onConfirm={() => removing.mutate({ code: tier.code })}
            >
              <Button size="small" loading={removing.isPending} aria-label={say('tiers.removeOne', { name })}>
                {say('tiers.remove')}
              </Button>
            </Popconfirm>
          )}
        </span>
      )}
    </li>
  )
}

function useTierName(): (names: TierNames) => string {
  const language = useLanguage()
  const offered = useSession().group.languages
  return (names) => tierName(names, language, offered)
}

/** Its names in the languages that the group speaks, the first of them needed, and its landscape. */
function EditTier({ tier, onClose }: { tier: Tier | null; onClose: () => void }) {
  const say = useText()
  const id = useId()
  const offered = useSession().group.languages
  const [form] = Form.useForm<TierNames>()
  const [landscape, setLandscape] = useState<Landscape>(tier?.landscape ?? 'starsea')
  const [code] = useState(() => tier?.code ?? `tier-${Date.now().toString(36)}`)
  const options = { changes, onDone: onClose }
  const adding = useAct(addTier, options)
  const changing = useAct(changeTier, options)
  const saving = tier ? changing : adding
  const save = (written: Partial<TierNames>) => {
    // What stands in a language that is not offered now stays for the day when it is again.
    const nameIn = (language: keyof TierNames) =>
      (language in written ? written[language]?.trim() : tier?.names[language]) || null
    saving.mutate({ code, landscape, names: { 'zh-CN': nameIn('zh-CN'), en: nameIn('en'), ru: nameIn('ru') } })
  }
  return (
    <Modal
      open
      title={say(tier ? 'tiers.editTitle' : 'tiers.add')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} onClick={() => form.submit()}>
            {say('group.save')}
          </Button>
        </>
      }
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={tier?.names ?? {}} onFinish={save}>
        {offered.map((language, index) => (
          <Form.Item
            key={language}
            name={language}
            label={say('tiers.nameIn', { language: languageNames[language] })}
            {...(index === 0
              ? { rules: [{ required: true, whitespace: true, message: say('tiers.nameNeeded') }] }
              : { extra: say('tiers.nameElse', { language: languageNames[offered[0]!] }) })}
          >
            <Input maxLength={40} autoComplete="off" lang={language} />
          </Form.Item>
        ))}
        <div className={css.landscapes} role="radiogroup" aria-labelledby={id}>
          <span id={id}>{say('tiers.landscape')}</span>
          {landscapes.map((one) => (
            <label key={one} title={say(`landscape.${one}`)}>
              <input
                type="radio"
                name="landscape"
                value={one}
                checked={one === landscape}
                onChange={() => setLandscape(one)}
              />
              <img className={css.thumb} src={scenes[one]} alt={say(`landscape.${one}`)} />
            </label>
          ))}
        </div>
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}

/** Points are money that the group owes. */
function Liability() {
  const say = useText()
  const formats = useFormats()
  const owed = useQuery(reading(readLiability, {}))
  return (
    <section>
      <h2 className={css.heading}>{say('liability.title')}</h2>
      <p className={css.why}>{say('liability.why')}</p>
      {owed.isError && !owed.data ? (
        <Failure error={owed.error} onRetry={() => void owed.refetch()} />
      ) : (
        <dl className={css.sums}>
          <div>
            <dt>{say('liability.all')}</dt>
            <dd>
              {owed.data ? (
                formats.number(owed.data.available + owed.data.pending)
              ) : (
                <Skeleton width={90} height={24} />
              )}
              {owed.data && owed.data.worthMinor !== null && (
                <small>
                  {say('points.worth', { amount: formats.money(owed.data.worthMinor, owed.data.currency) })}
                </small>
              )}
            </dd>
          </div>
          <div>
            <dt>{say('points.waiting')}</dt>
            <dd>{owed.data ? formats.number(owed.data.pending) : <Skeleton width={60} height={24} />}</dd>
          </div>
          <div>
            <dt>{say('liability.deficit')}</dt>
            <dd>{owed.data ? formats.number(owed.data.deficit) : <Skeleton width={60} height={24} />}</dd>
          </div>
        </dl>
      )}
      {owed.data?.worthMinor === null && <p className={css.none}>{say('liability.noWorth')}</p>}
    </section>
  )
}
