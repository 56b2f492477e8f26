/** Finds another member by name, pinyin, phone or last four, inside a dialog. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Input, Radio } from 'antd'
import { useState } from 'react'
import { listMembers, memberPage } from '#modules/desk/contract'
import { reading } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Masked } from '../../parts/Masked.tsx'
import { useLater } from '../../parts/useLater.ts'
import { useText } from '../../texts/texts.ts'
import { useChannelNames } from './channels.ts'
import css from './JoinMember.module.css'

export function FindMember({
  except,
  chosen,
  onChoose,
}: {
  except: string
  chosen: string | null
  onChoose: (memberId: string) => void
}) {
  const say = useText()
  const nameOf = useChannelNames()
  const [words, setWords] = useState('')
  const search = useLater(words.trim(), 250)
  const found = useQuery({
    ...reading(listMembers, { search, limit: 6 }),
    enabled: search !== '',
    placeholderData: keepPreviousData,
  })
  const given = useQuery({ ...reading(memberPage, { memberId: chosen ?? '' }), enabled: chosen !== null })
  const others = (found.data?.members ?? []).filter(({ id }) => id !== except)
  return (
    <>
      <Input
        type="search"
        autoFocus
        allowClear
        value={words}
        placeholder={say('members.search')}
        aria-label={say('members.search')}
        onChange={({ target }) => setWords(target.value)}
      />
      {search === '' && given.data && (
        <p className={css.given}>
          <Avatar name={given.data.person.name} of={given.data.person.id} />
          {given.data.person.name ?? say('members.unnamed')}
        </p>
      )}
      {search !== '' && found.data && others.length === 0 && (
        <p className={css.none}>{say('members.noHit', { search })}</p>
      )}
      {search !== '' && others.length > 0 && (
        <Radio.Group className={css.found ?? ''} value={chosen} onChange={({ target }) => onChoose(target.value)}>
          {others.map((other) => (
            <Radio key={other.id} value={other.id}>
              <span className={css.other}>
                <Avatar name={other.name} of={other.id} />
                <span>
                  {other.name ?? say('members.unnamed')}
                  <small>
                    <Dotted>
                      {other.phone && <Masked value={other.phone} />}
                      {other.city}
                      {other.channels.map(nameOf).join(' ')}
                    </Dotted>
                  </small>
                </span>
              </span>
            </Radio>
          ))}
        </Radio.Group>
      )}
    </>
  )
}
