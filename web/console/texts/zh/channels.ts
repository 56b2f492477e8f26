/** Channels. */
export const channels = {
  'frame.channels': '渠道',
  'channels.others': '其他渠道',
  'channels.members': '会员',
  'channels.orders': '订单',
  'channels.last': '最近有数据',
  'channels.nothing': '还没有数据',
  'channels.quietSince': '{{at}}起没有新数据',
  'channels.noneTitle': '还没有渠道',
  'channels.none': '导入第一份文件时，选好它来自哪家门店、网站或平台，渠道就有了。',
  'channels.rename': '改名称',
  'channels.renameOf': '改「{{name}}」的名称',
  'channels.name': '名称',
  'channels.nameNeeded': '填上渠道的名称',
  'channels.codeStays': '代码 {{code}} 不变。',
  'channels.save': '保存',
} as const
