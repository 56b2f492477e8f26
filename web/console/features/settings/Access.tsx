/** How scripts come in: API keys, each with a role in one place and, where wanted, an end; and the administrator's link. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { addKey, addSignInLink, endKey, listKeys } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { RoleAndPlace, type RoleAndPlaceValues } from '../../parts/RoleAndPlace.tsx'
import { heldRoleText, placeOfKey, placeText } from '../../parts/roles.ts'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Once } from './Once.tsx'
import css from './Settings.module.css'

const forEver = 0
/** In days, from now. */
const lasting = [30, 90, 365, forEver]
const endOf = (days: number) => (days === forEver ? null : new Date(Date.now() + days * 86_400_000).toISOString())

export function Access() {
  const say = useText()
  const mayChange = useMay('access.keys')
  const mayLink = useMay('access.links')
  const [adding, setAdding] = useState(false)
  const keys = useQuery(reading(listKeys, {}))
  return (
    <>
      <div className={css.page}>
        <section>
          <div className={css.title}>
            <h2>{say('keys.title')}</h2>
            {mayChange && (
              <Button type="primary" icon={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
                {say('keys.add')}
              </Button>
            )}
          </div>
          <p className={css.why}>{say('keys.why')}</p>
          {keys.isError ? (
            <Failure error={keys.error} onRetry={() => void keys.refetch()} />
          ) : keys.isPending ? (
            [1, 2, 3].map((row) => (
              <div key={row} className={css.row}>
                <Skeleton width="60%" />
              </div>
            ))
          ) : keys.data.keys.length === 0 ? (
            <p className={css.none}>{say('keys.none')}</p>
          ) : (
            <ul>
              {keys.data.keys.map((key) => (
                <KeyRow key={key.id} apiKey={key} />
              ))}
            </ul>
          )}
        </section>
        {mayLink && <SignInLink />}
      </div>
      {adding && <AddKey onClose={() => setAdding(false)} />}
    </>
  )
}

function KeyRow({ apiKey }: { apiKey: Output<typeof listKeys>['keys'][number] }) {
  const say = useText()
  const formats = useFormats()
  const isOver = apiKey.expiresAt !== null && new Date(apiKey.expiresAt).getTime() < Date.now()
  const mayEnd = useMay('access.keys')
  const ending = useAct(endKey, { changes: [keyOf(listKeys)] })
  return (
    <li className={css.row}>
      <div>
        <b className="cut">{apiKey.name}</b>
        <small>
          <Dotted>
            {apiKey.roles.map((held) => `${heldRoleText(say, held)} ${placeText(say, held.place)}`).join(say('comma'))}
            {apiKey.lastUsedAt ? say('keys.used', { at: formats.ago(apiKey.lastUsedAt) }) : say('keys.unused')}
          </Dotted>
        </small>
        <ProblemNote error={ending.error} />
      </div>
      {isOver ? (
        <Chip tone="amber">{say('keys.over', { at: formats.date(apiKey.expiresAt!) })}</Chip>
      ) : (
        <small>
          {apiKey.expiresAt
            ? say('keys.until', { at: formats.lastDay(apiKey.expiresAt) })
            : say('keys.since', { at: formats.date(apiKey.createdAt) })}
        </small>
      )}
      {mayEnd && (
        <Popconfirm
          title={say('keys.endTitle', { name: apiKey.name })}
          description={say('keys.endEffect')}
          okText={say('keys.end')}
          okButtonProps={{ danger: true }}
          onConfirm={() => ending.mutate({ keyId: apiKey.id })}
        >
          <Button size="small" loading={ending.isPending}>
            {say('keys.end')}
          </Button>
        </Popconfirm>
      )}
    </li>
  )
}

function AddKey({ onClose }: { onClose: () => void }) {
  const say = useText()
  const adding = useAct(addKey, { changes: [keyOf(listKeys)] })
  const formats = useFormats()
  const [form] = Form.useForm<RoleAndPlaceValues & { name: string; days: number }>()
  const days = Form.useWatch('days', form) ?? 365
  return (
    <Modal
      open
      title={say('keys.add')}
      onCancel={onClose}
      footer={
        adding.data ? (
          <Button type="primary" onClick={onClose}>
            {say('keys.kept')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{say('cancel')}</Button>
            <Button type="primary" loading={adding.isPending} onClick={() => form.submit()}>
              {say('keys.make')}
            </Button>
          </>
        )
      }
    >
      {adding.data ? (
        <>
          <p className={css.why}>{say('keys.shownOnce')}</p>
          <Once text={adding.data.key} label={say('keys.secret')} />
        </>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ role: 'marketer', place: 'group', days: 365 }}
          onFinish={({ name, role, place, days }) =>
            adding.mutate({ name, role, place: placeOfKey(place), expiresAt: endOf(days) })
          }
        >
          <Form.Item
            name="name"
            label={say('keys.name')}
            rules={[{ required: true, whitespace: true, message: say('keys.nameNeeded') }]}
          >
            <Input maxLength={80} placeholder={say('keys.nameExample')} autoComplete="off" />
          </Form.Item>
          <RoleAndPlace permission="access.keys" />
          <Form.Item
            name="days"
            label={say('keys.lasts')}
            extra={days === forEver ? say('keys.foreverWhy') : say('keys.until', { at: formats.date(endOf(days)!) })}
          >
            <Select
              options={lasting.map((value) => ({
                value,
                label: value === forEver ? say('keys.forever') : say('keys.days', { count: value }),
              }))}
            />
          </Form.Item>
          <ProblemNote error={adding.error} />
        </Form>
      )}
    </Modal>
  )
}

function SignInLink() {
  const say = useText()
  const formats = useFormats()
  const making = useAct(addSignInLink)
  return (
    <section>
      <div className={css.title}>
        <h2>{say('links.title')}</h2>
        <Button icon={<Icon name="link" size={15} />} loading={making.isPending} onClick={() => making.mutate({})}>
          {say('links.make')}
        </Button>
      </div>
      <p className={css.why}>{say('links.why')}</p>
      <ProblemNote error={making.error} />
      {making.data && (
        <>
          <Once text={making.data.url} label={say('links.title')} />
          <small className={css.why}>{say('links.until', { at: formats.dateTime(making.data.expiresAt) })}</small>
        </>
      )}
    </section>
  )
}
