/** A new secret of a webhook, shown this once; how long the former one signs beside it is chosen first. */
import { Button, Form, Modal, Select } from 'antd'
import { useState } from 'react'
import { renewSecret } from '#modules/webhooks/contract'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Once } from './Once.tsx'
import css from './Settings.module.css'
import { changes } from './WebhookLog.tsx'

const hours = [0, 1, 24, 168]

export function NewSecret({ endpointId, onClose }: { endpointId: string; onClose: () => void }) {
  const say = useText()
  const formats = useFormats()
  const [overlapHours, setOverlapHours] = useState(24)
  const renewing = useAct(renewSecret, { changes })
  return (
    <Modal
      open
      title={say('hooks.newSecret')}
      onCancel={onClose}
      footer={
        renewing.data ? (
          <Button type="primary" onClick={onClose}>
            {say('keys.kept')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{say('cancel')}</Button>
            <Button
              type="primary"
              loading={renewing.isPending}
              onClick={() => renewing.mutate({ endpointId, overlapHours })}
            >
              {say('hooks.renew')}
            </Button>
          </>
        )
      }
    >
      {renewing.data ? (
        <>
          <p className={css.why}>{say('keys.shownOnce')}</p>
          <Once text={renewing.data.secret} label={say('hooks.secret')} />
          {renewing.data.formerUntil && (
            <p className={css.why}>{say('hooks.formerUntil', { at: formats.dateTime(renewing.data.formerUntil) })}</p>
          )}
        </>
      ) : (
        <>
          <Form layout="vertical">
            <Form.Item label={say('hooks.overlap')} htmlFor="overlap" extra={say('hooks.renewWhy')}>
              <Select
                id="overlap"
                value={overlapHours}
                onChange={setOverlapHours}
                options={hours.map((value) => ({
                  value,
                  label:
                    value === 0 ? say('hooks.overlapNone') : say('hooks.overlapHours', { n: formats.number(value) }),
                }))}
              />
            </Form.Item>
          </Form>
          <ProblemNote error={renewing.error} />
        </>
      )}
    </Modal>
  )
}
