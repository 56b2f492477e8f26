/** What members are asked, by version: a new wording is written in all three languages at once. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { listTexts, writeText } from '#modules/privacy/contract'
import type { Output } from '#ui/call.ts'
import { languageNames, languages } from '#ui/languages.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import { Waiting } from './Privacy.tsx'
import css from './Settings.module.css'

type Text = Output<typeof listTexts>['texts'][number]

export function PrivacyTexts() {
  const say = useText()
  const formats = useFormats()
  const language = useLanguage()
  const mayChange = useMay('privacy.change')
  const [writing, setWriting] = useState<Text | null>(null)
  const list = useQuery(reading(listTexts, {}))
  if (list.isError) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (list.isPending) return <Waiting />
  return (
    <section aria-labelledby="privacy-texts">
      <h2 id="privacy-texts" className={css.heading}>
        {say('privacy.texts')}
      </h2>
      <p className={css.why}>{say('privacy.textsWhy')}</p>
      <ul>
        {list.data.texts.map((text) => (
          <li key={text.topic} className={css.row}>
            <div>
              <b>{text.wordings[language].title}</b>
              <small>{text.wordings[language].body}</small>
            </div>
            <small>
              <Dotted>
                {say('privacy.version', { n: formats.number(text.version) })}
                {formats.date(text.savedAt)}
              </Dotted>
            </small>
            {mayChange && (
              <Button size="small" onClick={() => setWriting(text)}>
                {say('privacy.write')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {writing && <WriteText text={writing} onClose={() => setWriting(null)} />}
    </section>
  )
}

function WriteText({ text, onClose }: { text: Text; onClose: () => void }) {
  const say = useText()
  const [form] = Form.useForm<Text['wordings']>()
  const writing = useAct(writeText, { changes: [keyOf(listTexts)], onDone: onClose })
  const needed = [{ required: true, whitespace: true, min: 2, message: say('privacy.textNeeded') }]
  return (
    <Modal
      open
      width={720}
      title={say.code('topic', text.topic) ?? text.topic}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={writing.isPending} onClick={() => form.submit()}>
            {say('privacy.publish', { n: text.version + 1 })}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={text.wordings}
        onFinish={(wordings) => writing.mutate({ topic: text.topic, wordings })}
      >
        {languages.map((language) => (
          <fieldset key={language} lang={language} className={css.wording}>
            <legend>{languageNames[language]}</legend>
            <Form.Item name={[language, 'title']} label={say('privacy.textTitle')} rules={needed}>
              <Input maxLength={80} />
            </Form.Item>
            <Form.Item name={[language, 'body']} label={say('privacy.textBody')} rules={needed}>
              <Input.TextArea maxLength={4000} rows={4} />
            </Form.Item>
          </fieldset>
        ))}
        <ProblemNote error={writing.error} />
      </Form>
    </Modal>
  )
}
