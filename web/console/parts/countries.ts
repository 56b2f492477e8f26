/** Countries and regions by their two letters, named in the reader's language. */
const codes =
  'CN HK MO TW JP KR TH VN SG MY ID PH KH LA MM MN IN LK NP MV AE QA SA TR IL EG MA ZA KE TZ RU KZ UZ KG TJ BY UA GE AM AZ DE FR IT ES PT GB IE NL BE LU CH AT PL CZ SK HU RO BG GR HR SI RS SE NO DK FI IS EE LV LT MT CY US CA MX BR AR CL PE CO AU NZ FJ'

export const countryName = (language: string, code: string) =>
  new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code

/** For a field in which one is chosen; one that is held already is always among them. */
export const countryOptions = (language: string, ...held: readonly string[]) =>
  [...new Set([...codes.split(' '), ...held])].map((code) => ({
    value: code,
    label: `${countryName(language, code)} (${code})`,
  }))
