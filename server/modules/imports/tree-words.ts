/** How people head the columns of a list of companies and stores. */
import { plainHeader } from './header-words.ts'

export type TreeField = 'company' | 'companyCode' | 'store' | 'storeCode' | 'city'

/** Earlier words are stronger; those behind `~` count only where nothing better does. */
const words: Record<TreeField, string> = {
  company: `公司 公司名称 公司名 分公司 分公司名称 所属公司 子公司 所属分公司 运营公司 管理公司 归属公司 上级公司 所属单位 上级单位
    company companyname subsidiary legalentity operatingcompany parentcompany
    компания названиекомпании филиал организация юрлицо дочерняякомпания ~ 单位 单位名称 机构 上级机构 区域公司 entity group`,
  companyCode: `公司代码 公司编码 公司编号 分公司代码 分公司编码 分公司编号 companycode companyid companyno companynumber
    кодкомпании номеркомпании кодфилиала кодорганизации`,
  store: `门店 门店名称 门店名 店名 店铺 店铺名称 门市 门市名称 营业部 营业部名称 分店 分店名称 网点 网点名称
    store storename shop shopname outlet outletname branch branchname
    магазин названиемагазина офис названиеофиса точка точкапродаж отделение ~ 名称 name название office`,
  storeCode: `门店代码 门店编码 门店编号 店号 店铺代码 店铺编码 店铺编号 门市代码 门市编号 营业部代码 营业部编号 网点代码 网点编号
    storecode storeid storeno storenumber shopcode shopid outletcode outletid branchcode branchid
    кодмагазина номермагазина кодофиса кодточки номерточки ~ 代码 编码 编号 code id no код номер`,
  city: `城市 所在城市 所属城市 门店城市 city storecity cityname город городмагазина ~ 市 地区 所在地 town location`,
}

const strengths = new Map<string, { field: TreeField; rank: number }>()
for (const [field, list] of Object.entries(words)) {
  const [strong = '', weak = ''] = list.split('~')
  for (const [base, part] of [
    [0, strong],
    [1000, weak],
  ] as const) {
    for (const [index, word] of part.trim().split(/\s+/).entries())
      if (word !== '' && !strengths.has(word)) strengths.set(word, { field: field as TreeField, rank: base + index })
  }
}

export const isTreeHeader = (header: string): boolean => strengths.has(plainHeader(header))

/** A field for each column that says one; of several for one field the strongest, the first of equals. */
export function guessTreeColumns(headers: readonly string[]): (TreeField | null)[] {
  const guesses = headers.map((header) => strengths.get(plainHeader(header)) ?? null)
  const best = new Map<TreeField, number>()
  for (const [index, guess] of guesses.entries()) {
    if (!guess) continue
    const holder = best.get(guess.field)
    if (holder === undefined || guesses[holder]!.rank > guess.rank) best.set(guess.field, index)
  }
  return guesses.map((guess, index) => (guess && best.get(guess.field) === index ? guess.field : null))
}
