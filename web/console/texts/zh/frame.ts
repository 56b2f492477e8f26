/** Around every page, and words that all pages share. */
export const frame = {
  'frame.members': '会员',
  'frame.imports': '导入',
  'frame.settings': '设置',
  'frame.areas': '各个部分',
  'frame.find': '搜索或跳转',
  'frame.skip': '跳到正文',
  'frame.me': '，语言、明暗、退出',
  'frame.language': '语言',
  'frame.dark': '换成深色',
  'frame.light': '换成浅色',
  'frame.signOut': '退出登录',
  'frame.stillIn': '没能退出，登录还有效。请再试一次。',

  'jump.words': '姓名、拼音、手机号、后四位，或页面名',
  'jump.found': '找到的',
  'jump.page': '页面',
  'jump.looking': '正在找…',
  'jump.none': '没有找到',

  'signIn.title': '登录 Roundtrip',
  'signIn.entering': '正在登录',
  'signIn.moment': '稍等片刻…',
  'signIn.how': '用管理员的一次性链接登录。第一次启动时，程序会把它打印出来；再要一个，在运行程序的机器上执行：',
  'signIn.once': '每个链接只能用一次，24 小时内有效。',

  'failure.title': '没能打开',
  'failure.general': '出了没料到的问题：{{message}}',
  'failure.again': '再试一次',
  'failure.number': '错误号',

  cancel: '取消',
  copy: '复制',
  copied: '已复制',
  comma: '，',
  masked: '已遮住',
  reasonNeeded: '请写明原因，会和这次操作一起留存',

  'role.administrator': '管理员',
  'role.operator': '业务员工',
  'role.viewer': '只读',
} as const
