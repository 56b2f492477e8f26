/** All values of all records side by side: those in force, and those that lost, which stay visible. */
import { Modal, Select } from 'antd'
import { useState } from 'react'
import { Dotted } from '../../parts/Dotted.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './CompareRecords.module.css'
import { Explanation } from './Explanation.tsx'
import { useFieldValue } from './fields.ts'
import type { SourceRecord } from './Records.tsx'
import { Secret } from './Secret.tsx'

export function CompareRecords({
  memberId,
  records,
  onClose,
}: {
  memberId: string
  records: readonly SourceRecord[]
  onClose: () => void
}) {
  const say = useText()
  const formats = useFormats()
  const valueText = useFieldValue()
  const mayReveal = useMay('members.reveal')
  const mayExplain = useMaySee('members.join')
  const fields = [...new Set(records.flatMap((record) => record.fields.map(({ field }) => field)))]
  return (
    <Modal
      open
      title={say('compare.title')}
      onCancel={onClose}
      footer={null}
      width={Math.min(320 + records.length * 220, 1120)}
    >
      <p className={css.legend}>{say('compare.legend')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <section className={css.box} aria-label={say('compare.title')} tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">
                <span className="spoken">{say('compare.field')}</span>
              </th>
              {records.map((record) => (
                <th key={record.id} scope="col">
                  {record.channel.name}
                  <small>
                    <Dotted>
                      {say('compare.seen', { at: formats.date(record.seenAt) })}
                      {record.version > 1 && say('compare.version', { n: record.version })}
                    </Dotted>
                  </small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={field}>
                <th scope="row">{fieldName(say, field)}</th>
                {records.map((record) => (
                  <td key={record.id}>
                    {record.fields
                      .filter((each) => each.field === field)
                      .map(({ value, masked, inForce }) => (
                        <div key={value} className={inForce ? css.inForce : css.lost}>
                          {masked ? (
                            <Secret
                              memberId={memberId}
                              recordId={record.id}
                              field={field}
                              masked={value}
                              closed={!mayReveal}
                            />
                          ) : (
                            valueText(field, value)
                          )}
                          {!inForce && <span className="spoken">{say('compare.lost')}</span>}
                        </div>
                      ))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {mayExplain && records.length > 1 && <WhyOne records={records} />}
    </Modal>
  )
}

/** What speaks for and against two of the records being one person's, whatever joined them. */
function WhyOne({ records }: { records: readonly SourceRecord[] }) {
  const say = useText()
  const [one, setOne] = useState(records[0]!.id)
  const [other, setOther] = useState(records[1]!.id)
  const options = records.map(({ id, channel }, at) => ({ value: id, label: `${at + 1}. ${channel.name}` }))
  const pick = (value: string, label: string, onChange: (id: string) => void, except: string) => (
    <Select
      value={value}
      aria-label={label}
      options={options.map((option) => ({ ...option, disabled: option.value === except }))}
      onChange={onChange}
      popupMatchSelectWidth={false}
    />
  )
  return (
    <section className={css.whyOne} aria-label={say('compare.why')}>
      <p>
        {say('compare.why')}
        {pick(one, say('compare.one'), setOne, other)}
        {pick(other, say('compare.other'), setOther, one)}
      </p>
      <Explanation a={one} b={other} />
    </section>
  )
}
