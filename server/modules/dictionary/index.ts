export { type DictionaryEntry, memberWords } from './contract.ts'
export { companiesSeen, describedFor, dictionary, fieldOf, lexiconFor, mapSpellings, putField } from './dictionary.ts'
export { entryRefusal } from './entering.ts'
export { type Described, Lexicon, wordOf } from './lexicon.ts'
