/** What an endpoint is told, where, and as whom; a new one shows its secret once. */
import { Button, Checkbox, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { addWebhook, changeWebhook, type kinds, listWebhooks } from '#modules/webhooks/contract'
import type { Output } from '#ui/call.ts'
import { newId } from '#ui/ids.ts'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { RoleAndPlace, type RoleAndPlaceValues } from '../../parts/RoleAndPlace.tsx'
import { keyOfPlace, type Place, placeOfKey } from '../../parts/roles.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Once } from './Once.tsx'
import css from './Settings.module.css'
import type { Endpoint } from './Webhooks.tsx'

type Kind = (typeof kinds)[number]
type Values = RoleAndPlaceValues & { name: string; url: string; recipientId: string; kinds: Kind[] }

const areas = { 'members.read': 'members', 'orders.read': 'orders', 'points.read': 'points' } as const
const areaOf = (permission: string) => areas[permission as keyof typeof areas] ?? 'privacy'

export function EditWebhook({
  endpoint,
  known,
  onClose,
}: {
  endpoint: Endpoint | null
  known: Output<typeof listWebhooks>
  onClose: () => void
}) {
  const say = useText()
  // One name for it however often it is sent.
  const [id] = useState(() => endpoint?.id ?? newId())
  const [form] = Form.useForm<Values>()
  const adding = useAct(addWebhook, { changes: [keyOf(listWebhooks)] })
  const changing = useAct(changeWebhook, { changes: [keyOf(listWebhooks)], onDone: onClose })
  const held = endpoint?.roles[0]
  const byArea = Map.groupBy(known.kinds, ({ permission }) => areaOf(permission))
  return (
    <Modal
      open
      width={640}
      title={endpoint ? say('hooks.change') : say('hooks.add')}
      onCancel={onClose}
      footer={
        adding.data ? (
          <Button type="primary" onClick={onClose}>
            {say('keys.kept')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{say('cancel')}</Button>
            <Button type="primary" loading={adding.isPending || changing.isPending} onClick={() => form.submit()}>
              {endpoint ? say('hooks.save') : say('hooks.make')}
            </Button>
          </>
        )
      }
    >
      {adding.data ? (
        <>
          <p className={css.why}>{say('keys.shownOnce')}</p>
          <Once text={adding.data.secret} label={say('hooks.secret')} />
        </>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{
            role: held?.role ?? 'auditor',
            place: held ? keyOfPlace(held.place as Place) : 'group',
            kinds: endpoint?.kinds ?? ['order.paid', 'order.refunded', 'member.erased'],
            name: endpoint?.name ?? '',
            url: endpoint?.url ?? '',
            recipientId: endpoint?.recipient.id ?? known.recipients[0]?.id,
          }}
          onFinish={({ place, ...values }) => {
            const told = { ...values, name: values.name.trim(), url: values.url.trim(), place: placeOfKey(place) }
            if (endpoint) changing.mutate({ endpointId: id, ...told })
            else adding.mutate({ id, ...told })
          }}
        >
          <Form.Item
            name="name"
            label={say('hooks.name')}
            rules={[{ required: true, whitespace: true, message: say('hooks.nameNeeded') }]}
          >
            <Input maxLength={80} placeholder={say('hooks.nameExample')} autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="url"
            label={say('hooks.url')}
            extra={say('hooks.urlWhy')}
            rules={[{ required: true, type: 'url', message: say('hooks.urlNeeded') }]}
          >
            <Input maxLength={2000} placeholder="https://" inputMode="url" autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="recipientId"
            label={say('hooks.recipient')}
            rules={[{ required: true, message: say('hooks.recipientNeeded') }]}
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={[
                ...known.recipients,
                ...(endpoint && !known.recipients.some((one) => one.id === endpoint.recipient.id)
                  ? [endpoint.recipient]
                  : []),
              ].map(({ id: value, name }) => ({ value, label: name }))}
            />
          </Form.Item>
          <RoleAndPlace permission="access.keys" />
          <Form.Item
            name="kinds"
            label={say('hooks.kinds')}
            // Not by `required`, which would say so of a group, where that means nothing.
            rules={[
              {
                validator: (_rule, chosen?: Kind[]) =>
                  chosen?.length ? Promise.resolve() : Promise.reject(new Error(say('hooks.kindsNeeded'))),
              },
            ]}
          >
            <Checkbox.Group className={css.choices ?? ''}>
              {[...byArea].map(([area, of]) => (
                <fieldset key={area}>
                  <legend>{say(`hookArea.${area}`)}</legend>
                  {of.map(({ kind }) => (
                    <Checkbox key={kind} value={kind}>
                      {say.code('hookKind', kind) ?? kind}
                    </Checkbox>
                  ))}
                </fieldset>
              ))}
            </Checkbox.Group>
          </Form.Item>
          <ProblemNote error={adding.error ?? changing.error} />
        </Form>
      )}
    </Modal>
  )
}
