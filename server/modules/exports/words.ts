/** What stands at the head of the columns of a file, in the language that the group speaks first. */
import type { MemberLanguage } from '#platform/settings'
import type { ExportColumn } from './contract.ts'

type Words = Readonly<Record<MemberLanguage, string>>
const words = (zh: string, en: string, ru: string): Words => ({ 'zh-CN': zh, en, ru })

/** The last column of every file; the same in every language, so that a part of one is known by it. */
export const traceColumn = '_export'

export const memberHeads: Readonly<Record<ExportColumn | 'name', Words>> = {
  name: words('姓名', 'Name', 'Имя'),
  phone: words('手机号', 'Phone', 'Телефон'),
  city: words('城市', 'City', 'Город'),
  gender: words('性别', 'Gender', 'Пол'),
  birthDate: words('出生日期', 'Birth date', 'Дата рождения'),
  records: words('来源记录数', 'Records', 'Записей'),
  orders: words('订单数', 'Orders', 'Заказов'),
  spent: words('消费金额', 'Spent', 'Потрачено'),
  points: words('可用积分', 'Points', 'Баллы'),
  lastOrder: words('最近下单', 'Last order', 'Последний заказ'),
  since: words('入会日期', 'Member since', 'Участник с'),
  email: words('电子邮箱', 'E-mail', 'Эл. почта'),
  documentNumber: words('证件号码', 'Document number', 'Номер документа'),
  channels: words('渠道', 'Channels', 'Каналы'),
  id: words('会员编号', 'Member ID', 'Номер участника'),
}

export const orderHeads = {
  number: words('订单号', 'Order number', 'Номер заказа'),
  orderedAt: words('下单时间', 'Ordered at', 'Время заказа'),
  channel: words('渠道', 'Channel', 'Канал'),
  name: memberHeads.name,
  phone: memberHeads.phone,
  products: words('产品', 'Products', 'Продукты'),
  amount: words('订单金额', 'Amount', 'Сумма'),
  refunded: words('已退金额', 'Refunded', 'Возвращено'),
  currency: words('币种', 'Currency', 'Валюта'),
  status: words('状态', 'Status', 'Состояние'),
  paymentMethod: words('支付方式', 'Payment method', 'Способ оплаты'),
  id: memberHeads.id,
} satisfies Record<string, Words>

export const pointsHeads = {
  createdAt: words('记录时间', 'Recorded at', 'Время записи'),
  name: memberHeads.name,
  phone: memberHeads.phone,
  kind: words('类型', 'Kind', 'Вид'),
  points: words('积分变动', 'Points', 'Баллы'),
  pending: words('待生效变动', 'Pending', 'Ожидают'),
  deficit: words('欠额变动', 'Owed', 'Долг'),
  source: words('来源', 'Source', 'Источник'),
  reason: words('原因', 'Reason', 'Причина'),
  id: memberHeads.id,
} satisfies Record<string, Words>

/** What the last line of a file, or its second sheet, tells of it. */
export const aboutWords = {
  sheet: words('导出说明', 'About this export', 'Об этой выгрузке'),
  rows: words('数据', 'Data', 'Данные'),
  who: words('导出人', 'Exported by', 'Выгрузил'),
  when: words('导出时间', 'Exported at', 'Время выгрузки'),
  reason: words('导出原因', 'Reason', 'Причина'),
  id: words('导出编号', 'Export ID', 'Номер выгрузки'),
  trace: words('追溯标记', 'Trace mark', 'Метка'),
}
