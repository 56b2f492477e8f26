/** All members: found by what one remembers of them, kept in the address bar, read page by page while scrolling. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Input, Select } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { listChannels } from '#modules/channels/contract'
import { listMembers, memberFilters } from '#modules/desk/contract'
import { Icon } from '#ui/icons.tsx'
import { reading, readingOn } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { useMaySee } from '../../parts/session.ts'
import { useLater } from '../../parts/useLater.ts'
import { useText } from '../../texts/texts.ts'
import css from './MemberList.module.css'
import { MemberTable } from './MemberTable.tsx'
import { NoMembers } from './NoMembers.tsx'

const route = getRouteApi('/frame/members')

export function MemberList() {
  const say = useText()
  const { search, channel, show: asked } = route.useSearch()
  const show = memberFilters.find((filter) => filter === asked)
  const navigate = route.useNavigate()
  const maySeeChannels = useMaySee('channels.read')
  const channels = useQuery({ ...reading(listChannels, {}), enabled: maySeeChannels })
  const members = useInfiniteQuery({
    ...readingOn(listMembers, { search, channel, show, limit: 100 }, { from: 'after', next: (page) => page.next }),
    placeholderData: keepPreviousData,
  })
  const rows = members.data?.pages.flatMap((page) => page.members) ?? []
  const total = members.data?.pages[0]?.total

  // A list that is read to its end counts itself; of a longer one the program knows, or estimates, how many there are.
  const readToItsEnd = members.data && !members.hasNextPage
  const howMany = readToItsEnd
    ? rows.length > 0 && say('members.count', { count: rows.length })
    : total && say(total.counted ? 'members.count' : 'members.about', { count: total.persons })

  const filter = (change: { search?: string; channel?: string; show?: string }) => {
    const next = { search, channel, show, ...change }
    void navigate({
      search: {
        ...(next.search ? { search: next.search } : {}),
        ...(next.channel ? { channel: next.channel } : {}),
        ...(next.show ? { show: next.show } : {}),
      },
      replace: true,
    })
  }
  return (
    <>
      <PageHead title={say('frame.members')} state={howMany} />
      <div className={css.tools}>
        <SearchField search={search ?? ''} onSearch={(words) => filter({ search: words })} />
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
            ...memberFilters.map((value) => ({ value, label: say(`memberFilter.${value}`) })),
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
      </div>
      {members.isError && !members.data ? (
        <Failure error={members.error} onRetry={() => void members.refetch()} />
      ) : members.data && rows.length === 0 ? (
        <NoMembers
          search={search}
          show={show && say(`memberFilter.${show}`)}
          channel={channels.data?.channels.find(({ code }) => code === channel)?.name ?? channel}
          onDrop={filter}
        />
      ) : (
        <MemberTable
          // Another search begins at the top.
          key={`${search} ${channel} ${show}`}
          members={rows}
          waiting={members.isPending}
          dimmed={members.isPlaceholderData}
          more={members.hasNextPage}
          failed={members.isFetchNextPageError ? members.error : null}
          onMore={() => {
            if (!members.isFetchingNextPage) void members.fetchNextPage()
          }}
        />
      )}
    </>
  )
}

function SearchField({ search, onSearch }: { search: string; onSearch: (words: string) => void }) {
  const say = useText()
  const [words, setWords] = useState(search)
  const rested = useLater(words.trim(), 250)
  const told = useRef(search)
  // The address bar is where the search is kept: it follows the field, and the field follows it when it changes alone.
  useEffect(() => {
    if (rested === told.current) return
    told.current = rested
    onSearch(rested)
  }, [rested, onSearch])
  useEffect(() => {
    if (search === told.current) return
    told.current = search
    setWords(search)
  }, [search])
  return (
    <Input
      className={css.search ?? ''}
      type="search"
      prefix={<Icon name="search" size={15} />}
      placeholder={say('members.search')}
      aria-label={say('members.search')}
      maxLength={100}
      allowClear
      value={words}
      onChange={({ target }) => setWords(target.value)}
    />
  )
}
