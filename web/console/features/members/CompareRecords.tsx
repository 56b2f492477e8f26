/** All values of all records side by side: those in force, and those that lost, which stay visible. */
import { Modal } from 'antd'
import { Dotted } from '../../parts/Dotted.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './CompareRecords.module.css'
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
    </Modal>
  )
}
