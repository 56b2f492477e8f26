/** Ctrl K: to a member by name, pinyin, phone or last four, or to a page. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { listMembers } from '#modules/desk/contract'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Dotted } from '../parts/Dotted.tsx'
import { Masked } from '../parts/Masked.tsx'
import { useMaySee } from '../parts/session.ts'
import { useLater } from '../parts/useLater.ts'
import { useText } from '../texts/texts.ts'
import type { Area } from './Frame.tsx'
import css from './Jump.module.css'

interface Choice {
  key: string
  picture: ReactNode
  name: string
  detail: ReactNode
  go: () => Promise<void>
}

export function Jump({ areas, onClose }: { areas: readonly Area[]; onClose: () => void }) {
  const say = useText()
  const navigate = useNavigate()
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useId()
  const [words, setWords] = useState('')
  const [at, setAt] = useState(0)
  const search = useLater(words.trim(), 200)
  const mayRead = useMaySee('members.read')
  const found = useQuery({
    ...reading(listMembers, { search, limit: 8 }),
    enabled: mayRead && search !== '',
    placeholderData: keepPreviousData,
  })
  useEffect(() => dialog.current?.showModal(), [])

  const wanted = words.trim().toLocaleLowerCase()
  const pages: Choice[] = areas
    .filter(({ name }) => say(name).toLocaleLowerCase().includes(wanted))
    .map(({ to, icon, name }) => ({
      key: to,
      picture: <Icon name={icon} size={17} />,
      name: say(name),
      detail: say('jump.page'),
      go: () => navigate({ to }),
    }))
  const members: Choice[] = (wanted === '' ? [] : (found.data?.members ?? [])).map((member) => ({
    key: member.id,
    picture: <Avatar name={member.name} of={member.id} />,
    name: member.name ?? say('members.unnamed'),
    detail: (
      <Dotted>
        {member.phone && <Masked value={member.phone} />}
        {member.city}
      </Dotted>
    ),
    go: () => navigate({ to: '/members/$memberId', params: { memberId: member.id } }),
  }))
  const choices = [...members, ...pages]
  const chosen = Math.min(at, choices.length - 1)

  const take = (choice: Choice | undefined) => {
    if (!choice) return
    onClose()
    void choice.go()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(choices.length, 1))
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + choices.length) % Math.max(choices.length, 1))
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) take(choices[chosen])
    else return
    event.preventDefault()
  }
  return (
    <dialog
      ref={dialog}
      className={css.jump}
      aria-label={say('frame.find')}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
    >
      <div className={css.inside}>
        <label className={css.words}>
          <Icon name="search" size={17} />
          <span className="spoken">{say('jump.words')}</span>
          <input
            // A dialog that asks for words takes them at once.
            autoFocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={choices[chosen] ? `${list}-${chosen}` : undefined}
            placeholder={say('jump.words')}
            value={words}
            onChange={({ target }) => {
              setWords(target.value)
              setAt(0)
            }}
            onKeyDown={onKeyDown}
          />
          <kbd>Esc</kbd>
        </label>
        <div id={list} role="listbox" aria-label={say('jump.found')} className={css.choices}>
          {choices.map((choice, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: as above
            <div
              key={choice.key}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={css.choice}
              onClick={() => take(choice)}
              onPointerMove={() => setAt(index)}
            >
              {choice.picture}
              <span className="cut">{choice.name}</span>
              <small className="cut">{choice.detail}</small>
            </div>
          ))}
        </div>
        {choices.length === 0 && (
          <p className={css.none} aria-live="polite">
            {found.isFetching ? say('jump.looking') : say('jump.none')}
          </p>
        )}
      </div>
    </dialog>
  )
}
