import { Button } from 'antd'
import { Icon } from '#ui/icons.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './MemberList.module.css'

/** Nobody to show: which filter to drop, or, in an empty pool, what to do first. */
export function NoMembers({
  search,
  channel,
  show,
  onDrop,
}: {
  search: string | undefined
  channel: string | undefined
  /** Name of the filter. */
  show: string | undefined
  onDrop: (change: { search?: string; channel?: string; show?: string }) => void
}) {
  const say = useText()
  const mayImport = useMay('imports.write')
  if (!search && !channel && !show && !mayImport)
    return (
      <Empty icon="members" title={say('members.noneYetTitle')}>
        {say('members.noneYet')}
      </Empty>
    )
  if (!search && !channel && !show) {
    return (
      <Empty
        icon="members"
        title={say('members.firstTitle')}
        action={
          <LinkButton to="/imports/new" primary icon={<Icon name="upload" size={15} />}>
            {say('members.firstImport')}
          </LinkButton>
        }
      >
        {say('members.first')}
      </Empty>
    )
  }
  return (
    <Empty
      icon="search"
      title={
        search
          ? say('members.noHit', { search })
          : show
            ? say('members.noneShown', { show })
            : say('members.noneOf', { channel: channel ?? '' })
      }
      action={
        <div className={css.drops}>
          {show && (
            <Button type={channel ? 'default' : 'primary'} onClick={() => onDrop({ show: '' })}>
              {say('members.dropShow')}
            </Button>
          )}
          {channel && (
            <Button type="primary" onClick={() => onDrop({ channel: '' })}>
              {say('members.dropChannel', { channel })}
            </Button>
          )}
          {search && <Button onClick={() => onDrop({ search: '' })}>{say('members.dropSearch', { search })}</Button>}
        </div>
      }
    >
      {show
        ? say('members.noneShownWhy')
        : search && channel
          ? say('members.noHitIn', { channel })
          : search
            ? say('members.noHitWhy')
            : say('members.noneOfWhy')}
    </Empty>
  )
}
