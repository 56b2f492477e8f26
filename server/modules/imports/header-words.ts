/**
 * How people head their columns, in Chinese, English and Russian. Words are without spaces and signs, in small letters
 * and simplified characters; earlier words are stronger, those behind `~` could mean something else as well.
 */
import { fold, simplified } from '#modules/cleaning'
import type { ImportKind } from './fields.ts'

const people = {
  phone: `手机号 手机号码 手机 移动电话 联系手机 会员手机 会员手机号 客户手机 客户手机号 本人手机 电话号码 电话 联系电话 客户电话 联系方式 联系号码 手机电话
    mobile mobilephone mobilenumber mobileno cellphone cell phone phonenumber phoneno phone1 tel telephone telephonenumber contactnumber contactphone msisdn
    телефон мобильный мобильныйтелефон номертелефона контактныйтелефон сотовый телефонклиента тел`,
  email: `邮箱 电子邮箱 电子邮件 邮件 邮箱地址 邮件地址 email emailaddress email1 mail почта электроннаяпочта эпочта емейл имейл адресэлектроннойпочты`,
}

const words: Record<ImportKind, Record<string, string>> = {
  members: {
    ...people,
    externalId: `会员编号 会员号 会员卡号 会员id 会员代码 客户编号 客户号 客户id 客户代码 用户id 用户编号 宾客编号 客史号 旅客编号 档案号
      memberid memberno membernumber membershipnumber membershipno customerid customerno customernumber customercode custid clientid
      userid guestid recordid recid externalid profileid номерклиента idклиента кодклиента номеркарты idучастника
      ~ 编号 卡号 id uid no code cardno cardnumber accountid код карта masterid key`,
    name: `姓名 客户姓名 会员姓名 客人姓名 旅客姓名 宾客姓名 出行人 出行人姓名 联系人 联系人姓名 中文姓名 中文名 名字 真实姓名
      name fullname customername membername guestname contactname passengername travellername chinesename
      фио полноеимя фамилияимя фамилияимяотчество имяклиента имяфамилия
      ~ 客户名称 称呼 昵称 微信昵称 客户 会员 nickname customer client guest contact клиент гость ник`,
    familyName: '姓 姓氏 英文姓 拼音姓 中文姓 surname lastname familyname lname фамилия фам',
    givenName: '名 英文名 拼音名 givenname givennames firstname forename fname имя',
    birthDate: `生日 出生日期 出生年月日 出生年月 出生 客户生日 会员生日 birthday birthdate dateofbirth dob birth датарождения деньрождения др рождение`,
    gender: '性别 gender sex пол',
    documentType:
      '证件类型 证件种类 证件类别 documenttype doctype idtype certificatetype типдокумента виддокумента документ',
    documentNumber: `身份证 身份证号 身份证号码 证件号 证件号码 证件 护照号 护照号码 护照 通行证号 港澳通行证 台胞证
      idcard idcardno idcardnumber idnumber idno documentnumber documentno passport passportno passportnumber nationalid nationalidnumber
      паспорт номерпаспорта номердокумента серияиномер серияиномерпаспорта загранпаспорт
      ~ socsecid ssn socialsecuritynumber socialsecurityid taxid снилс инн`,
    addressLine: `地址 详细地址 联系地址 家庭地址 家庭住址 通讯地址 住址 收货地址 address address1 addressline addressline1 streetaddress адрес адреспроживания домашнийадрес ~ 街道 street улица`,
    streetNumber: '门牌号 门牌 门牌号码 streetnumber streetno housenumber houseno номердома дом',
    addressLine2: '地址2 地址二 补充地址 address2 addressline2 addresssecondline адрес2',
    suburb: '区县 县区 所在区 行政区 区 县 suburb district county neighbourhood neighborhood район',
    city: '城市 所在城市 常住城市 居住城市 市 city town город',
    region: '省份 省 所在省份 所在省 province state region stateprovince регион область край ~ 地区 省市',
    postcode: '邮编 邮政编码 postcode zip zipcode postalcode индекс почтовыйиндекс',
    country: '国家 国家地区 国别 所在国家 country countrycode страна ~ 国籍 nationality гражданство',
    unionid: 'unionid 微信unionid wechatunionid wxunionid',
    source:
      '来源 客户来源 会员来源 来源渠道 渠道来源 获客来源 获客渠道 注册来源 source leadsource customersource membersource origin acquisitionsource источник источникклиента откудаузнали',
    tags: '标签 客户标签 会员标签 tags tag labels метки теги',
    note: '备注 备注信息 客户备注 note notes remark remarks comment comments memo примечание комментарий заметки заметка ~ 说明 描述 description',
  },
  orders: {
    phone: `${people.phone} 下单手机 下单手机号 预订人手机 预订手机 买家手机 收货人手机 联系人手机 联系人电话 会员电话 customerphone buyerphone`,
    orderNumber: `订单号 订单编号 订单id 订单号码 单号 预订号 预订编号 预订单号 确认号 交易号 交易单号 流水号 销售单号 小票号 合同号 票号
      orderid orderno ordernumber bookingid bookingnumber bookingno bookingreference bookingref reservationid reservationnumber reservationno
      confirmationnumber confirmationno transactionid transactionno receiptno invoiceno invoicenumber pnr
      номерзаказа idзаказа номерброни номербронирования номерчека ~ order booking reference заказ бронь invoice`,
    customerExternalId: `会员编号 会员号 会员卡号 会员id 客户编号 客户号 客户id 客户代码 用户id 用户编号 买家id
      memberid memberno membernumber membershipnumber customerid customerno customernumber customercode custid clientid userid guestid buyerid
      номерклиента idклиента кодклиента номеркарты ~ customer client buyer member masterid uid клиент 卡号 会员 客户`,
    orderedAt: `下单时间 下单日期 订单时间 订单日期 购买时间 购买日期 交易时间 交易日期 成交时间 预订时间 预订日期 消费时间 消费日期 销售日期 销售时间
      orderedat orderdate ordertime orderdatetime purchasedate purchasedat purchasetime transactiondate transactiontime bookingdate bookedat invoicedate
      датазаказа датапокупки датабронирования времязаказа датапродажи
      ~ 付款时间 支付时间 付款日期 创建时间 日期 时间 date datetime time createdat created paidat paymentdate датаоплаты дата время`,
    amount: `实付金额 实付 实收金额 实收 付款金额 支付金额 订单金额 订单总额 总金额 金额 消费金额 成交金额 成交价 合计金额
      paidamount amountpaid amount totalamount orderamount ordertotal grandtotal totalprice сумма суммазаказа суммаоплаты итого
      ~ 应付金额 总价 总计 合计 价格 单价 销售额 房价 total price revenue sales payment value dollars sum adr cost стоимость цена выручка оплачено`,
    currency: '币种 货币 货币代码 currency currencycode валюта',
    quantity: `数量 购买数量 商品数量 件数 份数 张数 quantity qty units количество колво ~ 人数 出行人数 间夜 间夜数 count items pax число шт`,
    product: `商品名称 商品 产品名称 产品 线路名称 线路 项目名称 项目 品名 服务项目 product productname itemname item tour tourname route package товар продукт услуга тур маршрут наименование
      ~ 房型 酒店 酒店名称 服务 套餐 roomtype hotel service sku description title отель номенклатура`,
    paymentMethod: `支付方式 付款方式 支付渠道 结算方式 收款方式 付款渠道 paymentmethod paymenttype paymentchannel paidby paidwith способоплаты типоплаты видоплаты форм оплаты`,
    status: `订单状态 交易状态 支付状态 付款状态 状态 orderstatus bookingstatus reservationstatus paymentstatus transactionstatus status статусзаказа статусоплаты статус`,
  },
}

/** Columns that are known and yet none of the fields, so that their values aren't taken for something else. */
const otherThings: Record<ImportKind, string> = {
  members: `序号 行号 年龄 注册时间 注册日期 创建时间 创建日期 入会时间 入会日期 更新时间 修改时间 最近消费 最近消费时间 最后消费时间 到店时间 有效期 到期时间
    积分 余额 储值余额 等级 会员等级 级别 门店 所属门店 消费次数 消费金额 累计消费 状态 密码 来源 渠道 审核 职业 民族 婚姻 学历 星座 血型
    age created createdat createddate updated updatedat registered registeredat registrationdate joindate joined joinedat lastvisit lastorder expiry
    expires points balance level tier store status password source channel row index middlename patronymic
    возраст отчество датарегистрации баллы баланс уровень магазин статус источник пп`,
  orders: `序号 行号 姓名 客户姓名 name fullname фио email 邮箱 age leadtime iscanceled agent company meal country adults children babies row index`,
}

/** The word concerns somebody else than the customer. */
const somebodyElse =
  /推荐人|介绍人|紧急|导购|销售员|业务员|员工|店员|门店|经办|操作|开票|公司|单位|发票|监护|配偶|供应商|导游|领队|emergency|referr|agent|staff|employee|store|company|supplier|invoice(?!no|date|number)|guardian|spouse|guide|менеджер|сотрудник|агент|компан|организац|экстренн/

const prefixes = new Set(
  'customer member client guest user contact buyer booker primary main your my the home personal cust order booking'.split(
    ' ',
  ),
)

const units = new Set('cny rmb usd eur rub hkd fen yuan руб р шт'.split(' '))

export interface HeaderReading {
  field: string
  /** `exact`: the word means this field; `weak`: it often does; `part`: a word of the header does. */
  match: 'exact' | 'weak' | 'part'
  /** Place of the word in its list; among two columns for one field the lower one wins. */
  rank: number
}

interface KnownWord {
  field: string
  weak: boolean
  rank: number
}

const dictionaries: Record<ImportKind, Map<string, KnownWord>> = {
  members: dictionaryOf('members'),
  orders: dictionaryOf('orders'),
}
const others: Record<ImportKind, Set<string>> = {
  members: new Set(otherThings.members.split(/\s+/)),
  orders: new Set(otherThings.orders.split(/\s+/)),
}

function dictionaryOf(kind: ImportKind): Map<string, KnownWord> {
  const dictionary = new Map<string, KnownWord>()
  for (const [field, list] of Object.entries(words[kind])) {
    let weak = false
    for (const [rank, word] of list.trim().split(/\s+/).entries()) {
      if (word === '~') weak = true
      else if (!dictionary.has(word)) dictionary.set(word, { field, weak, rank })
    }
  }
  return dictionary
}

/** "Mobile No. (必填)" → mobileno; "Сумма, руб." → сумма */
export function plainHeader(header: string): string {
  const bare = fold(header).replace(/\([^()]*\)|\[[^[\]]*\]|【[^【】]*】|,.*$/g, '')
  const text = /[\p{L}\p{N}]/u.test(bare) ? bare : fold(header)
  return simplified(text.toLowerCase())
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

/** What a header says; null when nothing, `other` when it is a known column of no field. */
export function readHeader(header: string, kind: ImportKind): HeaderReading | 'other' | 'somebody_else' | null {
  const plain = plainHeader(header)
  if (plain === '') return null
  const dictionary = dictionaries[kind]
  const known = dictionary.get(plain)
  if (known) return { field: known.field, match: known.weak ? 'weak' : 'exact', rank: known.rank }
  if (others[kind].has(plain)) return 'other'
  if (somebodyElse.test(plain)) return 'somebody_else'
  return /\p{Script=Han}/u.test(plain) ? partOfChinese(plain, dictionary) : partOfWords(header, dictionary)
}

/** 会员联系手机号码: the longest known word in it, the later one of equals, for what a Chinese name is about stands last. */
function partOfChinese(plain: string, dictionary: Map<string, KnownWord>): HeaderReading | null {
  let best: { word: string; known: KnownWord; end: number } | null = null
  for (const [word, known] of dictionary) {
    const at = word.length > 1 ? plain.lastIndexOf(word) : -1
    if (at < 0) continue
    const end = at + word.length
    if (best === null || word.length > best.word.length || (word.length === best.word.length && end > best.end)) {
      best = { word, known, end }
    }
  }
  return best === null ? null : { field: best.known.field, match: 'part', rank: best.known.rank }
}

/** "Customer Mobile Phone", reservation_status_date: what English and Russian headers are about stands last. */
function partOfWords(header: string, dictionary: Map<string, KnownWord>): HeaderReading | null {
  const tokens = fold(header)
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '')
  if (units.has(tokens.at(-1)!)) tokens.pop()
  for (let from = 0; from < tokens.length; from++) {
    const known = dictionary.get(tokens.slice(from).join(''))
    if (!known) continue
    const ownWords = tokens.slice(0, from).every((token) => prefixes.has(token))
    return { field: known.field, match: ownWords ? 'weak' : 'part', rank: known.rank }
  }
  return null
}
