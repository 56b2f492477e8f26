/** Describing a field, and one of its values: names in the languages of the program, and spellings. */
import { Button, Form, Input, Modal, Select, Switch } from 'antd'
import {
  type DictionaryEntry,
  fieldKinds,
  putField,
  type WordNames,
  type WordValue,
} from '#modules/dictionary/contract'
import { languageNames, languages } from '#ui/languages.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useMaySee, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { dictionaryChanges } from './Dictionary.tsx'

const orNull = (text: string | null | undefined) => text?.trim() || null
const namesOf = (written: Partial<WordNames>): WordNames => ({
  'zh-CN': orNull(written['zh-CN']),
  en: orNull(written.en),
  ru: orNull(written.ru),
})

function NameFields({ isNeeded }: { isNeeded: boolean }) {
  const say = useText()
  const [first, ...others] = useSession().group.languages
  const ordered = [first!, ...others, ...languages.filter((one) => one !== first && !others.includes(one))]
  return ordered.map((language, at) => (
    <Form.Item
      key={language}
      name={language}
      label={say('tiers.nameIn', { language: languageNames[language] })}
      {...(at === 0 && isNeeded
        ? { rules: [{ required: true, whitespace: true, message: say('tiers.nameNeeded') }] }
        : {})}
    >
      <Input maxLength={120} autoComplete="off" lang={language} />
    </Form.Item>
  ))
}

export function EditField({
  entry,
  companies,
  onClose,
}: {
  entry: DictionaryEntry | null
  companies: readonly { code: string; name: string }[]
  onClose: () => void
}) {
  const say = useText()
  const isGroup = useMaySee('settings.read')
  const [form] = Form.useForm()
  const saving = useAct(putField, { changes: dictionaryChanges, onDone: onClose })
  const isOwn = entry === null || entry.field.startsWith('custom.')
  const kind = Form.useWatch('kind', form) as string | undefined
  const save = (
    written: Partial<WordNames> & {
      key?: string
      company?: string
      kind?: DictionaryEntry['kind']
      closed?: boolean
      blanks?: string[]
    },
  ) => {
    const kindNow = written.kind ?? entry?.kind ?? 'text'
    saving.mutate({
      field: entry?.field ?? `custom.${written.key!.trim()}`,
      company: entry ? entry.company : written.company || null,
      version: entry?.version ?? 0,
      names: namesOf(written),
      kind: kindNow,
      closed: written.closed ?? entry?.closed ?? false,
      values: kindNow === 'choice' ? (entry?.values ?? []) : [],
      blanks: written.blanks ?? entry?.blanks ?? [],
    })
  }
  const places = [
    ...(isGroup ? [{ value: '', label: say('place.group') }] : []),
    ...companies.map(({ code, name }) => ({ value: code, label: name })),
  ]
  return (
    <Modal
      open
      title={say(entry ? 'dictionary.editTitle' : 'dictionary.add')}
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
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={
          entry
            ? { ...entry.names, kind: entry.kind, closed: entry.closed, blanks: entry.blanks }
            : { kind: 'choice', closed: true, company: places[0]?.value, blanks: [] }
        }
        onFinish={save}
      >
        {entry === null && (
          <>
            <Form.Item
              name="key"
              label={say('dictionary.key')}
              extra={say('dictionary.keyHint', { custom: 'custom.KEY' })}
              rules={[{ required: true, pattern: /^[\p{L}\p{N}_-]{1,40}$/u, message: say('dictionary.keyWrong') }]}
            >
              <Input maxLength={40} autoComplete="off" />
            </Form.Item>
            <Form.Item name="company" label={say('dictionary.company')}>
              <Select options={places} />
            </Form.Item>
          </>
        )}
        <NameFields isNeeded />
        {isOwn && (
          <Form.Item name="kind" label={say('dictionary.kind')}>
            <Select options={fieldKinds.map((one) => ({ value: one, label: say(`fieldKind.${one}`) }))} />
          </Form.Item>
        )}
        {(kind ?? entry?.kind) === 'choice' && (
          <>
            <Form.Item
              name="closed"
              label={say('dictionary.onlyListed')}
              extra={say('dictionary.onlyListedHint')}
              valuePropName="checked"
            >
              <Switch />
            </Form.Item>
            <Form.Item name="blanks" label={say('dictionary.blanks')} extra={say('dictionary.blanksHint')}>
              <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '，', '、']} />
            </Form.Item>
          </>
        )}
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}

export function EditValue({
  entry,
  value,
  onClose,
}: {
  entry: DictionaryEntry
  value: WordValue | null
  onClose: () => void
}) {
  const say = useText()
  const [form] = Form.useForm()
  const saving = useAct(putField, { changes: dictionaryChanges, onDone: onClose })
  const save = (written: Partial<WordNames> & { code?: string; spellings?: string[] }) => {
    const next: WordValue = {
      code: value?.code ?? written.code!.trim(),
      names: namesOf(written),
      spellings: [...new Set((written.spellings ?? []).map((one) => one.trim()).filter(Boolean))],
    }
    saving.mutate({
      ...entry,
      values: value ? entry.values.map((one) => (one.code === value.code ? next : one)) : [...entry.values, next],
    })
  }
  return (
    <Modal
      open
      title={say(value ? 'dictionary.editValueTitle' : 'dictionary.addValue')}
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
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={value ? { ...value.names, spellings: value.spellings } : { spellings: [] }}
        onFinish={save}
      >
        {value === null && (
          <Form.Item
            name="code"
            label={say('dictionary.code')}
            extra={say('dictionary.codeHint')}
            rules={[{ required: true, whitespace: true, message: say('dictionary.codeNeeded') }]}
          >
            <Input maxLength={120} autoComplete="off" />
          </Form.Item>
        )}
        <NameFields isNeeded />
        <Form.Item name="spellings" label={say('dictionary.spellings')} extra={say('dictionary.spellingsHint')}>
          <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '，', '、']} />
        </Form.Item>
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}
