/** The line above every page while the demonstration group is there. */
export const demo = {
  'demo.title': '演示集团',
  'demo.filling': '正在填入虚构的会员和订单，已完成 {{percent}}%。',
  'demo.ready': '这里的 {{members, number}} 位会员和 {{orders, number}} 笔订单都是虚构的，供试用。',
  'demo.clear': '要全部清空，在运行程序的机器上执行：',
} as const
