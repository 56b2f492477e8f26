/** The guide of a new group by its own address, also when it has been put away or is done. */
import { Button } from 'antd'
import { dismissFirstSteps, readFirstSteps } from '#modules/desk/contract'
import { keyOf } from '#ui/queries.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { useFirstSteps } from '../../parts/firstSteps.ts'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './FirstSteps.module.css'
import { FirstSteps } from './FirstSteps.tsx'

export function Start() {
  const say = useText()
  const { read } = useFirstSteps()
  const mayTakeUp = useMay('settings.change')
  const takingUp = useAct(dismissFirstSteps, { changes: [keyOf(readFirstSteps)] })
  return (
    <>
      <PageHead
        trail={[{ label: say('frame.today'), to: '/today' }]}
        title={say('start.title')}
        actions={
          mayTakeUp &&
          read.data?.dismissed &&
          !read.data.done && (
            <Button loading={takingUp.isPending} onClick={() => takingUp.mutate({ dismissed: false })}>
              {say('start.takeUp')}
            </Button>
          )
        }
      />
      <div className={css.page}>
        {read.isError && !read.data ? (
          <Failure error={read.error} onRetry={() => void read.refetch()} />
        ) : !read.data ? (
          [1, 2, 3, 4, 5].map((row) => <Skeleton key={row} width="60%" height={56} />)
        ) : (
          <>
            {read.data.done && (
              <Empty
                icon="check"
                title={say('start.doneTitle')}
                action={
                  <LinkButton to="/today" primary>
                    {say('start.toToday')}
                  </LinkButton>
                }
              >
                {say('start.done')}
              </Empty>
            )}
            <FirstSteps guide={read.data} />
          </>
        )}
      </div>
    </>
  )
}
