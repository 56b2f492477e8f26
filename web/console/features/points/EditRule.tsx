/** A new rule, or a new version of one: what stands stays in force until the new version takes effect. */
import { Button, Form, Input, InputNumber, Modal, Select, Switch } from 'antd'
import {
  addRule,
  changeRule,
  type Expires,
  earningEvents,
  listRules,
  type RuleDefinition,
} from '#modules/points/contract'
import type { Output } from '#ui/call.ts'
import { minorUnitsOf } from '#ui/formats.ts'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Rules.module.css'
import type { RuleVersion } from './Rules.tsx'

interface Fields {
  name: string
  event: RuleDefinition['event']
  by: 'amount' | 'event'
  points: number
  /** In whole units of the currency. */
  per: number
  group: string
  availableAfterDays: number
  lasts: 'never' | 'day' | 'month'
  count: number
  endOf: 'day' | 'month' | 'quarter' | 'half_year' | 'year'
  active: boolean
}

const ends = ['day', 'month', 'quarter', 'half_year', 'year'] as const

export function EditRule({
  rule,
  groups,
  onClose,
}: {
  rule: RuleVersion | null
  groups: Output<typeof listRules>['groups']
  onClose: () => void
}) {
  const say = useText()
  const { currency } = useSession().group
  const minor = minorUnitsOf(currency)
  const [form] = Form.useForm<Fields>()
  const by = Form.useWatch('by', form) ?? fieldsOf(rule, groups, minor).by
  const event = Form.useWatch('event', form) ?? fieldsOf(rule, groups, minor).event
  const lasts = Form.useWatch('lasts', form) ?? fieldsOf(rule, groups, minor).lasts
  const options = { changes: [keyOf(listRules)], onDone: onClose }
  const adding = useAct(addRule, options)
  const changing = useAct(changeRule, options)
  const saving = rule ? changing : adding
  // A definite day of expiry is kept as it is: it is set by whoever knows the campaign.
  const keptExpiry = rule?.definition.expires.mode === 'on' ? rule.definition.expires : null

  const save = (fields: Fields) => {
    const definition: RuleDefinition = {
      name: fields.name.trim(),
      group: fields.group,
      event: fields.event,
      when: rule?.definition.when ?? [],
      gives:
        fields.by === 'amount' && fields.event === 'order.paid'
          ? { by: 'amount', points: fields.points, perMinor: Math.round(fields.per * minor) }
          : { by: 'event', points: fields.points },
      expires: keptExpiry ?? expiryOf(fields),
      availableAfterDays: fields.availableAfterDays,
      priority: rule?.definition.priority ?? 50,
      active: fields.active,
    }
    const code = rule?.code ?? `rule-${Date.now().toString(36)}`
    saving.mutate({ code, definition })
  }
  return (
    <Modal
      open
      title={rule ? say('rules.edit') : say('rules.add')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} onClick={() => form.submit()}>
            {say('rules.save')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={fieldsOf(rule, groups, minor)}
        onFinish={save}
      >
        <Form.Item
          name="name"
          label={say('rules.name')}
          rules={[{ required: true, whitespace: true, message: say('rules.nameNeeded') }]}
        >
          <Input maxLength={80} autoComplete="off" placeholder={say('rules.nameExample')} />
        </Form.Item>
        <div className={css.fields}>
          <Form.Item name="event" label={say('rules.when')}>
            <Select options={earningEvents.map((value) => ({ value, label: say(`ruleEvent.${value}`) }))} />
          </Form.Item>
          {event === 'order.paid' && (
            <Form.Item name="by" label={say('rules.gives')}>
              <Select
                options={[
                  { value: 'amount', label: say('rules.countByAmount') },
                  { value: 'event', label: say('rules.countByEvent') },
                ]}
              />
            </Form.Item>
          )}
          {event === 'order.paid' && by === 'amount' && (
            <Form.Item
              name="per"
              label={say('rules.per', { currency })}
              rules={[{ required: true, message: say('rules.numberNeeded') }]}
            >
              <InputNumber min={1 / minor} max={1_000_000} />
            </Form.Item>
          )}
          <Form.Item
            name="points"
            label={say('rules.points')}
            rules={[{ required: true, message: say('rules.numberNeeded') }]}
          >
            <InputNumber min={1} max={1_000_000_000} precision={0} />
          </Form.Item>
          <Form.Item
            name="availableAfterDays"
            label={say('rules.arrivesAfter')}
            rules={[{ required: true, message: say('rules.numberNeeded') }]}
          >
            <InputNumber min={0} max={3_650} precision={0} />
          </Form.Item>
          <Form.Item name="group" label={say('rules.group')}>
            <Select
              options={[...new Map(groups.map((group) => [group.code, group])).values()].map(
                ({ code, definition }) => ({
                  value: code,
                  label: say.code('ownName', definition.name) ?? definition.name,
                }),
              )}
            />
          </Form.Item>
          {!keptExpiry && (
            <Form.Item name="lasts" label={say('rules.expires')}>
              <Select
                options={[
                  { value: 'never', label: say('rules.never') },
                  { value: 'day', label: say('rules.countDays') },
                  { value: 'month', label: say('rules.countMonths') },
                ]}
              />
            </Form.Item>
          )}
          {!keptExpiry && lasts !== 'never' && (
            <>
              <Form.Item
                name="count"
                label={say('rules.howLong')}
                rules={[{ required: true, message: say('rules.numberNeeded') }]}
              >
                <InputNumber min={1} max={12_000} precision={0} />
              </Form.Item>
              <Form.Item name="endOf" label={say('rules.upTo')}>
                <Select options={ends.map((value) => ({ value, label: say(`ruleEnds.${value}`) }))} />
              </Form.Item>
            </>
          )}
        </div>
        <Form.Item name="active" label={say('rules.active')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <p className={css.note}>{say('rules.effect')}</p>
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}

function expiryOf({ lasts, count, endOf }: Fields): Expires {
  return lasts === 'never' ? { mode: 'never' } : { mode: 'after', count, unit: lasts, endOf }
}

function fieldsOf(rule: RuleVersion | null, groups: Output<typeof listRules>['groups'], minor: number): Fields {
  const definition = rule?.definition
  const expires = definition?.expires
  const after = expires?.mode === 'after' ? expires : null
  return {
    name: definition?.name ?? '',
    event: definition?.event ?? 'order.paid',
    by: definition?.gives.by ?? 'amount',
    points: definition?.gives.points ?? 1,
    per: definition?.gives.by === 'amount' ? definition.gives.perMinor / minor : 1,
    group: definition?.group ?? groups[0]?.code ?? '',
    availableAfterDays: definition?.availableAfterDays ?? 0,
    lasts: expires?.mode === 'never' ? 'never' : (after?.unit ?? 'month'),
    count: after?.count ?? 24,
    endOf: after?.endOf ?? 'month',
    active: definition?.active ?? true,
  }
}
