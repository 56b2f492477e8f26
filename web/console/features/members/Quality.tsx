/**
 * How complete and how valid the members of a place are, how that went, where it is worst, and the list behind every
 * number.
 */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Select, Tooltip } from 'antd'
import { listChannels } from '#modules/channels/contract'
import { readTree } from '#modules/organisation/contract'
import { countedFields, readQuality, readTrend } from '#modules/quality/contract'
import type { Output } from '#ui/call.ts'
import { reading } from '#ui/queries.ts'
import { Bar } from '../../parts/Bar.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { Spark } from '../../parts/Spark.tsx'
import { useFormats, useMaySee, useSession } from '../../parts/session.ts'
import { useDictionary } from '../../parts/useDictionary.ts'
import { useText } from '../../texts/texts.ts'
import css from './Quality.module.css'
import { Breakdown } from './QualityBreakdown.tsx'
import { Mendings } from './QualityMendings.tsx'
import { findingText } from './qualityWords.ts'
import { Worklist } from './Worklist.tsx'

const route = getRouteApi('/frame/members/quality')

export interface QualityAddress {
  company?: string
  channel?: string
  staff?: string
  by?: string
  finding?: string
}

type Figures = Output<typeof readQuality>
type Day = Output<typeof readTrend>['days'][number]

export function Quality() {
  const say = useText()
  const { finding, ...address }: QualityAddress = route.useSearch()
  const place = placeOf(address)
  const quality = useQuery(reading(readQuality, place))
  const { fieldText } = useDictionary()
  const trail = [{ label: say('frame.members'), to: '/members' as const }]
  if (finding !== undefined)
    return (
      <>
        <PageHead
          trail={[...trail, { label: say('quality.title'), to: '/members/quality' as const, search: { ...address } }]}
          title={findingText(say, fieldText, finding)}
        />
        <Places address={address} finding={finding} />
        <Worklist key={`${JSON.stringify(place)} ${finding}`} place={place} finding={finding} />
      </>
    )
  return (
    <>
      <PageHead trail={trail} title={say('quality.title')} />
      <Places address={address} />
      <div className={css.page}>
        {quality.isError && !quality.data ? (
          <Failure error={quality.error} onRetry={() => void quality.refetch()} />
        ) : (
          <>
            <Sums figures={quality.data} address={address} />
            <div className={css.columns}>
              <Completeness figures={quality.data} address={address} />
              <Wrong figures={quality.data} address={address} />
            </div>
            <Breakdown address={address} place={place} />
            <Mendings />
          </>
        )}
      </div>
    </>
  )
}

export const placeOf = ({ company, channel, staff }: QualityAddress) => ({
  ...(company ? { company } : {}),
  ...(channel ? { channel } : {}),
  ...(staff ? { staff } : {}),
})

/** Whose members are meant; kept in the address bar. */
function Places({ address, finding }: { address: QualityAddress; finding?: string }) {
  const say = useText()
  const navigate = route.useNavigate()
  const { staffId } = useSession()
  const channels = useQuery({ ...reading(listChannels, {}), enabled: useMaySee('channels.read') })
  const tree = useQuery({ ...reading(readTree, {}), enabled: useMaySee('organisation.read') })
  const chosen = address.company
    ? `company:${address.company}`
    : address.channel
      ? `channel:${address.channel}`
      : address.staff
        ? `staff:${address.staff}`
        : ''
  const choose = (key: string) => {
    const [kind, code = ''] = key.split(/:(.*)/s)
    const by = address.by ? { by: address.by } : {}
    void navigate({ search: { ...by, ...(code ? { [kind!]: code } : {}), ...(finding ? { finding } : {}) } })
  }
  return (
    <div className={css.places}>
      <Select
        className={css.place ?? ''}
        value={chosen}
        onChange={choose}
        aria-label={say('quality.whose')}
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        options={[
          { value: '', label: say('quality.everybody') },
          ...(staffId ? [{ value: 'staff:me', label: say('quality.mine') }] : []),
          ...(address.staff && address.staff !== 'me'
            ? [{ value: `staff:${address.staff}`, label: say('quality.oneStaff') }]
            : []),
          ...((tree.data?.companies ?? []).length > 0
            ? [
                {
                  label: say('quality.companies'),
                  options: tree.data!.companies.map(({ code, name }) => ({ value: `company:${code}`, label: name })),
                },
              ]
            : []),
          {
            label: say('quality.channels'),
            options: (channels.data?.channels ?? []).map(({ code, name }) => ({
              value: `channel:${code}`,
              label: name,
            })),
          },
        ]}
      />
    </div>
  )
}

/** The link that opens the members behind a number; nothing to open where there are none. */
export function Behind({
  address,
  finding,
  count,
  label,
}: {
  address: QualityAddress
  finding: string
  count: number
  label: string
}) {
  const formats = useFormats()
  if (count === 0) return <span className={css.nobody}>0</span>
  return (
    <Link to="/members/quality" search={{ ...address, finding }} aria-label={label} className={css.behind}>
      {formats.number(count)}
    </Link>
  )
}

function Sums({ figures, address }: { figures: Figures | undefined; address: QualityAddress }) {
  const say = useText()
  const formats = useFormats()
  const isWhole = !address.company && !address.channel && !address.staff
  const sums = [
    { key: 'members', name: say('quality.members'), value: figures && formats.number(figures.members) },
    {
      key: 'any',
      name: say('quality.toMend'),
      value: figures && (
        <Behind
          address={address}
          finding="any"
          count={figures.withAny}
          label={say('quality.openToMend', { n: figures.withAny })}
        />
      ),
    },
    {
      key: 'wrong',
      name: say('quality.withWrong'),
      value: figures && formats.number(figures.withWrong),
    },
    ...(isWhole
      ? [
          {
            key: 'duplicates',
            name: say('quality.duplicates'),
            value: figures && (
              <Behind
                address={address}
                finding="duplicates"
                count={figures.duplicates}
                label={say('quality.openDuplicates', { n: figures.duplicates })}
              />
            ),
          },
        ]
      : []),
  ]
  return (
    <>
      <dl className={css.sums}>
        {sums.map(({ key, name, value }) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd>{value ?? <Skeleton width={70} height={26} />}</dd>
          </div>
        ))}
      </dl>
      {figures && !figures.complete && <p className={css.note}>{say('quality.stillReading')}</p>}
    </>
  )
}

function Completeness({ figures, address }: { figures: Figures | undefined; address: QualityAddress }) {
  const say = useText()
  const formats = useFormats()
  const { fieldText } = useDictionary()
  const trend = useQuery(reading(readTrend, { ...placeOf(address), days: 90 }))
  const fields = [...countedFields, ...(figures?.custom ?? []).map(({ field }) => field)]
  return (
    <section aria-label={say('quality.completeness')}>
      <h2>{say('quality.completeness')}</h2>
      <ul className={css.fields}>
        {fields.map((field) => {
          const filled = figures?.filled[field] ?? 0
          const members = figures?.members ?? 0
          return (
            <li key={field}>
              <span className="cut">{fieldText(field)}</span>
              {figures ? <Bar shares={[{ of: filled, tone: 'accent' }]} whole={members} /> : <Skeleton height={4} />}
              <b>{figures ? formats.percent(members > 0 ? Math.floor((filled / members) * 100) / 100 : 1) : ''}</b>
              <Course days={trend.data?.days ?? []} field={field} />
              <span className={css.missing}>
                {figures && (
                  <Behind
                    address={address}
                    finding={`missing:${field}`}
                    count={members - filled}
                    label={say('quality.openMissing', { field: fieldText(field), n: members - filled })}
                  />
                )}
              </span>
            </li>
          )
        })}
      </ul>
      <p className={css.small}>{say('quality.lastIsMissing')}</p>
    </section>
  )
}

/** Its way over the days that were kept, with the first and the last in words. */
function Course({ days, field }: { days: readonly Day[]; field: string }) {
  const say = useText()
  const formats = useFormats()
  const shares = days.map(({ filled, members }) => (members > 0 ? (filled[field] ?? 0) / members : 1))
  if (shares.length < 2) return <span />
  const [first, last] = [shares[0]!, shares.at(-1)!]
  const text = say('quality.course', {
    day: formats.calendarDay(days[0]!.day),
    from: formats.percent(first),
    to: formats.percent(last),
  })
  return (
    <Tooltip title={text}>
      <span role="img" aria-label={text}>
        <Spark values={shares} falling={last < first - 0.01} />
      </span>
    </Tooltip>
  )
}

function Wrong({ figures, address }: { figures: Figures | undefined; address: QualityAddress }) {
  const say = useText()
  const { fieldText } = useDictionary()
  const wrong = Object.entries(figures?.wrong ?? {}).sort((a, b) => b[1] - a[1])
  return (
    <section aria-label={say('quality.wrong')}>
      <h2>{say('quality.wrong')}</h2>
      {!figures ? (
        <Skeleton width="60%" />
      ) : wrong.length === 0 ? (
        <p className={css.small}>{say('quality.noneWrong')}</p>
      ) : (
        <ul className={css.wrong}>
          {wrong.map(([key, members]) => {
            const [field = '', code = ''] = key.split(':')
            const what = say.code('problem', code) ?? code
            return (
              <li key={key}>
                <span>
                  <b>{fieldText(field)}</b>
                  <small>{what}</small>
                </span>
                <Behind
                  address={address}
                  finding={`wrong:${key}`}
                  count={members}
                  label={say('quality.openWrong', { field: fieldText(field), what, n: members })}
                />
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
