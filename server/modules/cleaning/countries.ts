/**
 * Countries as ISO 3166-1 alpha-2 codes. Names come from the runtime's own locale data in Chinese, English and
 * Russian; what people write besides is listed here.
 */
import { BLANK, cleaned, type Outcome, unusable } from './codes.ts'
import { fold, isBlank, simplified } from './text.ts'

// ISO 3166-1: alpha-3 followed by alpha-2. The runtime knows no alpha-3 codes.
const alpha3And2 = `
  ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI
  BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT
  BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU
  CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET
  FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR
  GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR
  IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB
  LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH
  MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE
  NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL
  PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ
  SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC
  TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY
  USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW
`
  .trim()
  .split(/\s+/)

const otherNames: Record<string, string> = {
  CN: "中国大陆 大陆 内地 中华人民共和国 prc p.r.china mainland_china people's_republic_of_china кнр",
  HK: '香港 中国香港 hongkong hong_kong hong_kong_sar hksar гонконг',
  MO: '澳门 中国澳门 macao macau macao_sar макао',
  TW: '台湾 中国台湾 台湾省 taiwan,_province_of_china chinese_taipei тайвань',
  US: '美利坚合众国 美 usa u.s. u.s.a. united_states_of_america america америка сша соединенные_штаты_америки',
  GB: 'uk u.k. great_britain britain england scotland wales northern_ireland 大不列颠 英格兰 苏格兰 англия британия соединенное_королевство',
  RU: '俄国 俄联邦 俄罗斯联邦 russian_federation рф российская_федерация',
  KR: '南韩 大韩民国 korea south_korea republic_of_korea korea,_republic_of корея южная_корея',
  KP: 'dprk северная_корея',
  VN: 'viet_nam',
  CZ: 'czech_republic чешская_республика',
  TR: 'turkey',
  NL: 'holland the_netherlands голландия',
  MM: 'burma myanmar бирма мьянма',
  AE: '阿联酋 uae u.a.e. emirates дубай',
  BY: 'белоруссия республика_беларусь',
  KZ: '哈萨克 республика_казахстан',
  KG: 'кыргызстан',
  MD: 'молдавия',
  CI: 'ivory_coast',
  ZA: 'юар',
  RO: 'rom',
  CD: 'zar democratic_republic_of_the_congo 刚果民主共和国',
  CG: 'congo 刚果共和国',
  VA: '梵蒂冈城国 holy_see',
  SA: '沙特',
  NZ: '纽西兰',
  AU: '澳洲',
  IT: '义大利',
  MY: '马来亚',
  LK: '锡兰',
  MV: '马尔地夫',
  CV: 'cabo_verde',
  SZ: 'swaziland',
  MK: 'macedonia',
  LA: 'lao_pdr',
  SY: 'syrian_arab_republic',
  IR: 'islamic_republic_of_iran',
  TL: 'east_timor tmp',
}

const codes = new Map<string, string>()
for (const pair of alpha3And2) {
  const alpha2 = pair.slice(3)
  codes.set(pair.slice(0, 3).toLowerCase(), alpha2)
  codes.set(alpha2.toLowerCase(), alpha2)
}
for (const locale of ['zh', 'en', 'ru']) {
  for (const style of ['long', 'short'] as const) {
    const names = new Intl.DisplayNames(locale, { type: 'region', style, fallback: 'none' })
    for (const pair of alpha3And2) {
      const name = names.of(pair.slice(3))
      if (name !== undefined) codes.set(plainName(name), pair.slice(3))
    }
  }
}
for (const [code, list] of Object.entries(otherNames)) {
  for (const name of list.split(' ')) codes.set(plainName(name.replaceAll('_', ' ')), code)
}

/** São Tomé & Príncipe → sao tome and principe; маЛЁ → мале. */
function plainName(name: string): string {
  const text = fold(name).toLowerCase().replaceAll('’', "'").replaceAll('&', 'and').replaceAll('ё', 'е')
  // й must stay й, so only Latin letters lose their marks.
  return text.replace(/[\u00c0-\u024f]/g, (letter) => letter.normalize('NFD').replace(/\p{M}/gu, ''))
}

export function cleanCountry(text: string | null | undefined): Outcome<string> {
  if (text === null || text === undefined || isBlank(text)) return BLANK
  const name = plainName(text)
  const code = codes.get(name) ?? codes.get(simplified(name)) ?? codes.get(name.replace(/^the | \(.*\)$/g, ''))
  return code === undefined ? unusable('country.unknown') : cleaned(code)
}
