/** All members: found by what one remembers of them, kept in the address bar, read page by page while scrolling. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Dropdown, Input, type InputRef, Select } from 'antd'
import { type Ref, useEffect, useMemo, useRef, useState } from 'react'
import { listChannels } from '#modules/channels/contract'
import { listMembers, type MemberColumn, memberFilters } from '#modules/desk/contract'
import { Icon } from '#ui/icons.tsx'
import { reading, readingOn } from '#ui/queries.ts'
import { AskExport } from '../../parts/AskExport.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { useMay, useMaySee } from '../../parts/session.ts'
import { useMedia } from '../../parts/useMedia.ts'
import { useText } from '../../texts/texts.ts'
import { Columns } from './Columns.tsx'
import css from './MemberList.module.css'
import { MemberTable } from './MemberTable.tsx'
import { NoMembers } from './NoMembers.tsx'
import { ViewActions } from './ViewActions.tsx'
import { columnsOf, columnsText, type ListAddress, useViews } from './views.ts'

const route = getRouteApi('/frame/members')

export function MemberList() {
  const say = useText()
  const address: ListAddress = route.useSearch()
  const { search, channel } = address
  const show = memberFilters.find((filter) => filter === address.show)
  const columns = columnsOf(address)
  const open = useViews().find(({ id }) => id === address.view)
  const fitting = useFitting(columns)
  const navigate = route.useNavigate()
  const mayDecide = useMaySee('members.join')
  const maySeeChannels = useMaySee('channels.read')
  const maySee = { new: true, paid: useMaySee('orders.read'), lapsing: useMaySee('points.read') }
  const mayFilterBy = (filter: (typeof memberFilters)[number]) => maySee[filter]
  const channels = useQuery({ ...reading(listChannels, {}), enabled: maySeeChannels })
  const members = useInfiniteQuery({
    ...readingOn(listMembers, { search, channel, show, limit: 100 }, { from: 'after', next: (page) => page.next }),
    placeholderData: keepPreviousData,
  })
  const mayExport = useMay('members.export')
  const [exporting, setExporting] = useState(false)
  const channelName = channels.data?.channels.find(({ code }) => code === channel)?.name ?? channel
  const rows = members.data?.pages.flatMap((page) => page.members) ?? []
  const total = members.data?.pages[0]?.total

  // A list that is read to its end counts itself; of a longer one the program knows, or estimates, how many there are.
  const readToItsEnd = members.data && !members.hasNextPage
  const howMany = readToItsEnd
    ? rows.length > 0 && say('members.count', { count: rows.length })
    : total && say(total.counted ? 'members.count' : 'members.about', { count: total.persons })

  const go = ({ replace = false, ...next }: ListAddress & { replace?: boolean }) =>
    void navigate({
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
      replace,
    })
  const filter = (change: ListAddress) => go({ ...address, ...change, replace: true })
  const field = useRef<InputRef>(null)
  const toTheList = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const find = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      const on = event.target as HTMLElement
      if (on.closest('input, textarea, select, [contenteditable], dialog, [role="dialog"]')) return
      event.preventDefault()
      field.current?.focus({ cursor: 'all' })
    }
    addEventListener('keydown', find)
    return () => removeEventListener('keydown', find)
  }, [])
  return (
    <>
      <PageHead
        {...(open ? { trail: [{ label: say('frame.members'), to: '/members' as const }] } : {})}
        title={open?.name ?? say('frame.members')}
        state={howMany}
        actions={
          <>
            {!open && <Tidying mayDecide={mayDecide} />}
            {mayExport && rows.length > 0 && (
              <Button icon={<Icon name="download" size={15} />} onClick={() => setExporting(true)}>
                {say('exports.ask')}
              </Button>
            )}
            <ViewActions address={address} open={open} onGo={go} />
          </>
        }
      />
      <div className={css.tools}>
        <SearchField
          ref={field}
          search={search ?? ''}
          onSearch={(words) => filter({ search: words })}
          onDown={() => toTheList.current?.querySelector<HTMLElement>('td a[tabindex="0"]')?.focus()}
        />
        <Select
          className={css.channel ?? ''}
          value={channel ?? ''}
          onChange={(code) => filter({ channel: code })}
          aria-label={say('members.channel')}
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          options={[
            { value: '', label: say('members.anyChannel') },
            ...(channels.data?.channels ?? []).map(({ code, name }) => ({ value: code, label: name })),
          ]}
        />
        <Select
          className={css.channel ?? ''}
          value={show ?? ''}
          onChange={(wanted) => filter({ show: wanted })}
          aria-label={say('members.show')}
          popupMatchSelectWidth={false}
          options={[
            { value: '', label: say('memberFilter.all') },
            ...memberFilters.filter(mayFilterBy).map((value) => ({ value, label: say(`memberFilter.${value}`) })),
          ]}
        />
        {(search || channel || show) && (
          <Button
            type="text"
            icon={<Icon name="close" size={14} />}
            onClick={() => filter({ search: '', channel: '', show: '' })}
          >
            {say('members.clear')}
          </Button>
        )}
        <Columns chosen={columns} onChoose={(next) => filter({ columns: columnsText(next) ?? '' })} />
      </div>
      <div ref={toTheList} className={css.list}>
        {members.isError && !members.data ? (
          <Failure error={members.error} onRetry={() => void members.refetch()} />
        ) : members.data && rows.length === 0 ? (
          <NoMembers search={search} show={show && say(`memberFilter.${show}`)} channel={channelName} onDrop={filter} />
        ) : (
          <MemberTable
            // Another search begins at the top.
            key={`${search} ${channel} ${show}`}
            members={rows}
            columns={address.columns === undefined ? fitting : columns}
            waiting={members.isPending}
            dimmed={members.isPlaceholderData}
            more={members.hasNextPage}
            failed={members.isFetchNextPageError ? members.error : null}
            onMore={() => {
              if (!members.isFetchingNextPage) void members.fetchNextPage()
            }}
          />
        )}
      </div>
      {exporting && (
        <AskExport
          asked={{
            ...(search && { search }),
            ...(channel && { channel }),
            ...(show && { show }),
            columns: [...columns],
          }}
          about={[search, channelName, show && say(`memberFilter.${show}`)].filter(Boolean).join(' · ') || undefined}
          onClose={() => setExporting(false)}
        />
      )}
    </>
  )
}

/** Of the usual columns as many as the window has room for; whoever chose columns sees all of them, and scrolls. */
function useFitting(columns: readonly MemberColumn[]): readonly MemberColumn[] {
  const narrow = useMedia('(max-width: 1200px)')
  const tablet = useMedia('(max-width: 900px)')
  return useMemo(() => {
    const left: readonly MemberColumn[] = tablet
      ? ['city', 'since', 'lastOrder', 'records']
      : narrow
        ? ['city', 'since']
        : []
    return columns.filter((column) => !left.includes(column))
  }, [columns, narrow, tablet])
}

function SearchField({
  ref,
  search,
  onSearch,
  onDown,
}: {
  ref: Ref<InputRef>
  search: string
  onSearch: (words: string) => void
  onDown: () => void
}) {
  const say = useText()
  const [words, setWords] = useState(search)
  const told = useRef(search)
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const tell = useRef(onSearch)
  useEffect(() => {
    tell.current = onSearch
  })
  useEffect(() => () => clearTimeout(resting.current), [])
  // The address bar is where the search is kept: it follows what is typed, and the field follows it when it changes alone.
  const type = (next: string) => {
    setWords(next)
    clearTimeout(resting.current)
    resting.current = setTimeout(() => {
      told.current = next.trim()
      tell.current(told.current)
    }, 250)
  }
  useEffect(() => {
    if (search === told.current) return
    told.current = search
    clearTimeout(resting.current)
    setWords(search)
  }, [search])
  return (
    <Input
      ref={ref}
      className={css.search ?? ''}
      aria-keyshortcuts="/"
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown' || event.nativeEvent.isComposing) return
        event.preventDefault()
        onDown()
      }}
      type="search"
      prefix={<Icon name="search" size={15} />}
      placeholder={say('members.search')}
      aria-label={say('members.search')}
      maxLength={100}
      allowClear
      value={words}
      onChange={({ target }) => type(target.value)}
    />
  )
}

/** Pages that keep the pool clean. */
function Tidying({ mayDecide }: { mayDecide: boolean }) {
  const say = useText()
  const pages = [
    ...(mayDecide
      ? ([
          ['/members/reviews', say('members.toDecide')],
          ['/members/families', say('families.title')],
          ['/members/shared', say('members.shared')],
        ] as const)
      : []),
    ['/members/quality', say('quality.title')] as const,
  ]
  return (
    <Dropdown
      trigger={['click']}
      placement="bottomRight"
      menu={{ items: pages.map(([to, label]) => ({ key: to, label: <Link to={to}>{label}</Link> })) }}
    >
      <Button>{say('members.tidying')}</Button>
    </Dropdown>
  )
}
