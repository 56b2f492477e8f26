/**
 * Before a dangerous act the program may want to hear again who asks for it. This asks by password or code, wherever on
 * the pages that happens, and the act goes on by itself.
 */
import { Button, Form, Input, Modal, Segmented } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { proveAgain } from '#modules/access/contract'
import { whenProofIsWanted } from '#ui/call.ts'
import { ProblemNote } from '../parts/ProblemNote.tsx'
import { useAct } from '../parts/useAct.ts'
import { useText } from '../texts/texts.ts'
import css from './ProveAgain.module.css'

type Way = 'password' | 'code'

interface Asked {
  ways: readonly Way[]
  answer: Promise<boolean>
  give: (proved: boolean) => void
}

export function ProveAgain() {
  const [asked, setAsked] = useState<Asked | null>(null)
  // Two acts at once are asked for one proof.
  const open = useRef<Asked | null>(null)
  useEffect(() => {
    whenProofIsWanted((ways) => {
      if (open.current) return open.current.answer
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const give = (proved: boolean) => {
        open.current = null
        setAsked(null)
        resolve(proved)
      }
      open.current = { ways, answer: promise, give }
      setAsked(open.current)
      return promise
    })
    return () => whenProofIsWanted(null)
  }, [])
  return asked && <Question {...asked} />
}

function Question({ ways, give }: Asked) {
  const say = useText()
  const [by, setBy] = useState<Way>(ways.includes('password') ? 'password' : 'code')
  const [form] = Form.useForm<{ answer: string }>()
  const proving = useAct(proveAgain, { onDone: () => give(true) })
  return (
    <Modal
      open
      width={400}
      title={say('prove.title')}
      onCancel={() => give(false)}
      footer={
        <>
          <Button onClick={() => give(false)}>{say('cancel')}</Button>
          <Button type="primary" loading={proving.isPending} onClick={() => form.submit()}>
            {say('prove.go')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ answer }) => proving.mutate({ by, answer })}
      >
        <p className={css.why}>{say('prove.why')}</p>
        {ways.length > 1 && (
          <Form.Item>
            <Segmented
              block
              value={by}
              options={ways.map((value) => ({ value, label: say(`proveBy.${value}`) }))}
              onChange={(value) => {
                setBy(value)
                form.resetFields()
                proving.reset()
              }}
            />
          </Form.Item>
        )}
        <Form.Item
          key={by}
          name="answer"
          label={say(`proveBy.${by}`)}
          rules={[{ required: true, message: say('prove.needed') }]}
        >
          {by === 'password' ? (
            <Input.Password autoFocus autoComplete="current-password" maxLength={1024} />
          ) : (
            <Input autoFocus autoComplete="one-time-code" maxLength={40} />
          )}
        </Form.Item>
        <ProblemNote error={proving.error} />
      </Form>
    </Modal>
  )
}
