/**
 * What cleaning can say about a value. Every cleaner answers with an `Outcome`, and every code that it may carry is
 * listed here, because the import report counts by code and the web apps translate each one.
 */

/** The value was understood and is written differently from how it came. */
export type ChangeCode =
  | 'text.spacing'
  | 'text.full_width'
  | 'text.invisible'
  | 'name.spacing'
  | 'name.full_width'
  | 'name.case'
  | 'name.honorific_removed'
  | 'name.note_removed'
  | 'name.symbols_removed'
  | 'name.several'
  | 'name.mask_removed'
  | 'phone.spacing'
  | 'phone.full_width'
  | 'phone.country_code'
  | 'phone.country_assumed'
  | 'phone.decimal'
  | 'phone.scientific'
  | 'phone.extension'
  | 'phone.note_removed'
  | 'phone.several'
  | 'email.case'
  | 'email.full_width'
  | 'email.punctuation'
  | 'email.several'
  | 'date.form'
  | 'date.serial_number'
  | 'date.order'
  | 'date.two_digit_year'
  | 'date.unix_time'
  | 'date.time_removed'
  | 'document.spacing'
  | 'document.case'
  | 'document.full_width'
  | 'document.decimal'
  | 'document.fifteen_digits'
  | 'document.type'
  | 'money.form'
  | 'money.negative_in_brackets'
  | 'money.multiplied'
  | 'money.rounded'
  | 'quantity.form'
  | 'dictionary.mapped'
  | 'custom.number_form'

/** The value was not understood, or can't be believed; it is left out, kept raw and reported. */
export type ProblemCode =
  | 'name.nobody'
  | 'name.masked'
  | 'name.not_a_name'
  | 'phone.rounded'
  | 'phone.masked'
  | 'phone.too_short'
  | 'phone.too_long'
  | 'phone.no_area_code'
  | 'phone.ambiguous'
  | 'phone.invalid'
  | 'phone.unreadable'
  | 'email.masked'
  | 'email.unreadable'
  | 'date.impossible'
  | 'date.partial'
  | 'date.ambiguous'
  | 'date.lunar'
  | 'date.placeholder'
  | 'date.future'
  | 'date.too_old'
  | 'date.unreadable'
  | 'gender.unreadable'
  | 'consent.unreadable'
  | 'document.check_digit'
  | 'document.rounded'
  | 'document.masked'
  | 'document.impossible_date'
  | 'document.wrong_length'
  | 'document.placeholder'
  | 'document.unreadable'
  | 'money.ambiguous'
  | 'money.lost_digits'
  | 'money.too_large'
  | 'money.unknown_currency'
  | 'money.unreadable'
  | 'quantity.not_whole'
  | 'quantity.unreadable'
  | 'country.unknown'
  | 'order.status_unknown'
  | 'order.status_partly_refunded'
  | 'order.payment_unknown'
  | 'dictionary.unknown'
  | 'custom.number_unreadable'
  | 'custom.yes_no_unreadable'
  | 'name.trial'
  | 'phone.placeholder'
  | 'email.placeholder'

/**
 * Either a value, with what was changed to reach it, or none, with the reason; both null when nothing was there.
 * Tell them apart by `outcome.value === null`.
 */
export type Outcome<T> =
  | { readonly value: T; readonly change: ChangeCode | null }
  | { readonly value: null; readonly problem: ProblemCode | null }

/** Nothing was written in the field. */
export const BLANK: { readonly value: null; readonly problem: null } = Object.freeze({ value: null, problem: null })

export function cleaned<T>(value: T, change: ChangeCode | null = null): Outcome<T> {
  return { value, change }
}

export function unusable(problem: ProblemCode): { readonly value: null; readonly problem: ProblemCode } {
  return { value: null, problem }
}
