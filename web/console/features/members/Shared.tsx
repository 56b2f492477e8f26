/** Why two look as if they belonged together: what they share. */
import { Chip } from '../../parts/Chip.tsx'
import { useText } from '../../texts/texts.ts'
import css from './Family.module.css'
import type { MemberPageData } from './MemberPage.tsx'

type Evidence = MemberPageData['family']['ties'][number]['evidence']

export function Shared({ evidence: { address, phone, surname, bookings } }: { evidence: Evidence }) {
  const say = useText()
  return (
    <span className={css.shared}>
      {address && <Chip>{say('shares.address')}</Chip>}
      {phone && <Chip>{say('shares.phone')}</Chip>}
      {bookings > 0 && <Chip>{say('shares.bookings', { count: bookings })}</Chip>}
      {surname && <Chip>{say('shares.surname')}</Chip>}
    </span>
  )
}
