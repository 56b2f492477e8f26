/**
 * The shape that an area's texts have in another language, from its Chinese texts: the same keys, and for each text
 * with `count` one for every plural form of the language.
 */
type Translated<Area extends Record<string, string>, Forms extends string> = Record<
  {
    [Key in keyof Area & string]: Area[Key] extends `${string}{{count${string}` ? `${Key}_${Forms}` : Key
  }[keyof Area & string],
  string
>
export type English<Area extends Record<string, string>> = Translated<Area, 'one' | 'other'>
export type Russian<Area extends Record<string, string>> = Translated<Area, 'one' | 'few' | 'many' | 'other'>
