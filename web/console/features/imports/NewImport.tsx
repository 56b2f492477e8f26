/** The first step: what the file holds, where it comes from, and the file. Nothing is asked that the file can say. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Form, Input, Segmented, Select, Switch } from 'antd'
import { useState } from 'react'
import { addChannel, channelCode, channelKinds, listChannels } from '#modules/channels/contract'
import { addImport, listImports } from '#modules/imports/contract'
import { call, type Problem } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Drop } from '../../parts/Drop.tsx'
import { NotPermitted } from '../../parts/NotPermitted.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './NewImport.module.css'
import { Steps } from './Steps.tsx'
import { upload } from './uploads.ts'

interface Answers {
  as: 'members' | 'orders'
  channel: string
  code: string
  kind: (typeof channelKinds)[number]
  name: string
  earns: boolean
}

const newChannel = ' new'

export function NewImport() {
  const say = useText()
  const formats = useFormats()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const mayImport = useMay('imports.write')
  const mayOpen = useMay('channels.open')
  const [form] = Form.useForm<Answers>()
  const [file, setFile] = useState<File | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const known = useQuery(reading(listChannels, {}))
  const channels = known.data?.channels ?? []
  const channel = Form.useWatch('channel', form)
  const as = Form.useWatch('as', form) ?? 'members'
  const earns = Form.useWatch('earns', form) ?? false
  const isNew = mayOpen && (channel === newChannel || (known.isSuccess && channels.length === 0))

  const begin = async (answers: Answers) => {
    if (!file) return
    setBusy(true)
    setProblem(null)
    const importId = newId()
    try {
      if (isNew) {
        await call(addChannel, { code: answers.code, kind: answers.kind, name: answers.name.trim() || answers.code })
        await queries.invalidateQueries({ queryKey: keyOf(listChannels) })
        form.setFieldValue('channel', answers.code)
      }
      await call(addImport, {
        id: importId,
        fileName: file.name,
        channel: isNew ? answers.code : answers.channel,
        as: answers.as,
        origin: answers.earns ? 'live' : 'import',
      })
      upload(queries, importId, file)
      void queries.invalidateQueries({ queryKey: keyOf(listImports) })
      await navigate({ to: '/imports/$importId', params: { importId }, replace: true })
    } catch (error) {
      setProblem(error as Problem)
      setBusy(false)
    }
  }
  const head = <PageHead trail={[{ label: say('frame.imports'), to: '/imports' }]} title={say('imports.new')} />
  if (!mayImport)
    return (
      <>
        {head}
        <NotPermitted />
      </>
    )
  return (
    <>
      {head}
      <Steps now="upload" />
      <div className={css.page}>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          className={css.form ?? ''}
          initialValues={{ as: 'members', kind: 'store', code: '', name: '', earns: false }}
          onFinish={begin}
        >
          {file ? (
            <div className={css.file}>
              <Icon name="file" size={20} />
              <span>
                <b className="cut">{file.name}</b>
                <small>{formats.bytes(file.size)}</small>
              </span>
              <Button size="small" onClick={() => setFile(null)}>
                {say('imports.otherFile')}
              </Button>
            </div>
          ) : (
            <Drop onFile={setFile} />
          )}
          <Form.Item name="as" label={say('imports.holds')} className={css.first ?? ''}>
            <Segmented
              options={[
                { value: 'members', label: say('imports.members') },
                { value: 'orders', label: say('imports.orders') },
              ]}
            />
          </Form.Item>
          {channels.length > 0 && (
            <Form.Item
              name="channel"
              label={say('imports.from')}
              rules={[{ required: true, message: say('imports.fromNeeded') }]}
            >
              <Select
                placeholder={say('imports.fromChoose')}
                showSearch={{ optionFilterProp: 'label' }}
                options={[
                  ...channels.map(({ code, name }) => ({
                    value: code,
                    label: name === code ? name : `${name} (${code})`,
                  })),
                  ...(mayOpen ? [{ value: newChannel, label: say('imports.newChannel') }] : []),
                ]}
              />
            </Form.Item>
          )}
          {isNew && (
            <fieldset className={css.channel}>
              <legend>{say('imports.newChannel')}</legend>
              <Form.Item
                name="name"
                label={say('imports.channelName')}
                rules={[{ required: true, whitespace: true, message: say('imports.nameNeeded') }]}
              >
                <Input maxLength={120} placeholder={say('imports.channelNameExample')} autoComplete="off" />
              </Form.Item>
              <Form.Item
                name="code"
                label={say('imports.channelCode')}
                extra={say('imports.codeWhy')}
                rules={[
                  {
                    validator: (_, code: string) =>
                      channelCode.safeParse(code).success
                        ? Promise.resolve()
                        : Promise.reject(new Error(say('imports.codeForm'))),
                  },
                ]}
              >
                <Input maxLength={64} placeholder="chunxi" autoComplete="off" spellCheck={false} />
              </Form.Item>
              <Form.Item name="kind" label={say('imports.channelKind')}>
                <Select options={channelKinds.map((kind) => ({ value: kind, label: say.code('channelKind', kind) }))} />
              </Form.Item>
            </fieldset>
          )}
          <div className={css.earns}>
            <Form.Item name="earns" valuePropName="checked" noStyle>
              <Switch size="small" id="earns" aria-describedby="earns-why" />
            </Form.Item>
            <div>
              <label htmlFor="earns">{say('imports.earns')}</label>
              <p id="earns-why">
                {say(earns ? 'imports.earnsOn' : as === 'orders' ? 'imports.earnsOffOrders' : 'imports.earnsOff')}
              </p>
            </div>
          </div>
          <ProblemNote error={problem} />
          <div className={css.acts}>
            <small>{say('imports.nothingYet')}</small>
            <Button type="primary" htmlType="submit" loading={busy} disabled={!file}>
              {say('imports.upload')}
            </Button>
          </div>
        </Form>
      </div>
    </>
  )
}
