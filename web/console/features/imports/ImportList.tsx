/** Imports, newest first, with what each waits for or how far it has come. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ImportView, listImports } from '#modules/imports/contract'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './ImportList.module.css'
import { isWorking, tones } from './states.ts'

export function ImportList() {
  const say = useText()
  const mayImport = useMay('imports.write')
  const imports = useQuery({
    ...reading(listImports, { limit: 200 }),
    refetchInterval: ({ state }) => (state.data?.imports.some((one) => isWorking(one.state)) ? 1000 : false),
  })
  const begin = mayImport && (
    <LinkButton to="/imports/new" primary icon={<Icon name="upload" size={15} />}>
      {say('imports.new')}
    </LinkButton>
  )
  return (
    <>
      <PageHead title={say('frame.imports')} actions={imports.data?.imports.length !== 0 && begin} />
      <div className={css.page}>
        {imports.isError && !imports.data ? (
          <Failure error={imports.error} onRetry={() => void imports.refetch()} />
        ) : imports.isPending ? (
          [1, 2, 3, 4, 5].map((row) => (
            <div key={row} className={css.row}>
              <Skeleton width="70%" />
            </div>
          ))
        ) : imports.data.imports.length === 0 ? (
          <Empty icon="upload" title={say('imports.firstTitle')} action={begin}>
            {say('imports.first')}
          </Empty>
        ) : (
          <ul>
            {imports.data.imports.map((one) => (
              <Row key={one.id} one={one} />
            ))}
          </ul>
        )}
      </div>
    </>
  )
}

function Row({ one }: { one: ImportView }) {
  const say = useText()
  const formats = useFormats()
  const { progress, counts } = one
  return (
    <li className={css.row}>
      <span className={css.sign}>
        <Icon name={one.as === 'orders' ? 'card' : 'members'} size={14} />
      </span>
      <span className={css.what}>
        <Link to="/imports/$importId" params={{ importId: one.id }} className="cut">
          {one.fileName}
        </Link>
        <small className="cut">
          <Dotted>
            {one.channel.name}
            {say(one.as === 'orders' ? 'imports.orders' : 'imports.members')}
            {formats.ago(one.createdAt)}
          </Dotted>
        </small>
      </span>
      <span className={css.numbers}>
        {isWorking(one.state) && progress ? (
          <ProgressBar done={progress.done} of={progress.of} label={say(`importState.${one.state}`)} />
        ) : (
          counts && (
            <small>
              <Dotted>
                {say('imports.rows', { count: counts.rows })}
                {counts.created > 0 && say('imports.created', { n: counts.created })}
                {counts.updated > 0 && say('imports.updated', { n: counts.updated })}
                {counts.rejected > 0 && say('imports.rejected', { n: counts.rejected })}
              </Dotted>
            </small>
          )
        )}
      </span>
      <Chip tone={tones[one.state]}>{say(`importState.${one.state}`)}</Chip>
    </li>
  )
}
