/** The invented group: a head office, its companies and stores, the channels beside them and what they sell. */
import type { ChannelKind } from '#modules/channels'
import type { TreeRow } from '#modules/organisation'

export const groupName = '远岫旅业集团'

/** City, its code, province for addresses, and the places where its stores are. */
const places: [city: string, code: string, stores: [place: string, code: string][]][] = [
  [
    '成都',
    'chengdu',
    [
      ['春熙路', 'chunxilu'],
      ['宽窄巷子', 'kuanzhai'],
      ['天府广场', 'tianfu'],
      ['高新', 'gaoxin'],
      ['双流机场', 'shuangliu'],
      ['武侯祠', 'wuhouci'],
    ],
  ],
  [
    '上海',
    'shanghai',
    [
      ['南京东路', 'nanjingdonglu'],
      ['徐家汇', 'xujiahui'],
      ['陆家嘴', 'lujiazui'],
      ['静安寺', 'jingansi'],
      ['虹桥', 'hongqiao'],
      ['五角场', 'wujiaochang'],
    ],
  ],
  [
    '济南',
    'jinan',
    [
      ['泉城路', 'quanchenglu'],
      ['大明湖', 'daminghu'],
      ['奥体中心', 'aoti'],
      ['经十路', 'jingshilu'],
    ],
  ],
  [
    '福州',
    'fuzhou',
    [
      ['东街口', 'dongjiekou'],
      ['三坊七巷', 'sanfang'],
      ['五四路', 'wusilu'],
      ['仓山万达', 'cangshan'],
    ],
  ],
  [
    '北京',
    'beijing',
    [
      ['王府井', 'wangfujing'],
      ['中关村', 'zhongguancun'],
      ['国贸', 'guomao'],
      ['西单', 'xidan'],
      ['望京', 'wangjing'],
      ['亦庄', 'yizhuang'],
    ],
  ],
  [
    '广州',
    'guangzhou',
    [
      ['天河城', 'tianhecheng'],
      ['北京路', 'beijinglu'],
      ['珠江新城', 'zhujiang'],
      ['番禺', 'panyu'],
      ['白云', 'baiyun'],
    ],
  ],
  [
    '杭州',
    'hangzhou',
    [
      ['武林广场', 'wulin'],
      ['西湖', 'xihu'],
      ['滨江', 'binjiang'],
      ['钱江新城', 'qianjiang'],
    ],
  ],
  [
    '西安',
    'xian',
    [
      ['钟楼', 'zhonglou'],
      ['小寨', 'xiaozhai'],
      ['大雁塔', 'dayanta'],
      ['高新路', 'gaoxinlu'],
    ],
  ],
  [
    '昆明',
    'kunming',
    [
      ['翠湖', 'cuihu'],
      ['南屏街', 'nanpingjie'],
      ['呈贡', 'chenggong'],
      ['北市区', 'beishiqu'],
    ],
  ],
  [
    '南京',
    'nanjing',
    [
      ['新街口', 'xinjiekou'],
      ['夫子庙', 'fuzimiao'],
      ['河西', 'hexi'],
      ['仙林', 'xianlin'],
    ],
  ],
  [
    '武汉',
    'wuhan',
    [
      ['江汉路', 'jianghanlu'],
      ['光谷', 'guanggu'],
      ['楚河汉街', 'chuhehanjie'],
      ['徐东', 'xudong'],
    ],
  ],
  [
    '重庆',
    'chongqing',
    [
      ['解放碑', 'jiefangbei'],
      ['观音桥', 'guanyinqiao'],
      ['沙坪坝', 'shapingba'],
      ['南坪', 'nanping'],
    ],
  ],
  [
    '厦门',
    'xiamen',
    [
      ['中山路', 'zhongshanlu'],
      ['SM 广场', 'smguangchang'],
      ['集美', 'jimei'],
    ],
  ],
  [
    '青岛',
    'qingdao',
    [
      ['五四广场', 'wusiguangchang'],
      ['台东', 'taidong'],
    ],
  ],
]

export const treeRows: readonly TreeRow[] = places.flatMap(([city, code, stores]) => [
  { kind: 'company', code, name: `${city}远岫国际旅行社有限公司` } as const,
  ...stores.map(
    ([place, store]) =>
      ({ kind: 'store', code: `${code}-${store}`, name: `${city}${place}店`, city, company: code }) as const,
  ),
])

export interface Store {
  code: string
  city: string
  /** What its customers' numbers begin with. */
  prefix: string
}

export const stores: readonly Store[] = places.flatMap(([city, code, list]) =>
  list.map(([, store], index) => ({
    code: `${code}-${store}`,
    city,
    prefix: `${code.slice(0, 2).toUpperCase()}${String(index + 1).padStart(2, '0')}`,
  })),
)

export const websiteCode = 'website'
export const otaCode = 'ota-yuntu'
export const erpCode = 'erp'

/** Beside the stores. */
export const otherChannels: readonly { code: string; kind: ChannelKind; name: string }[] = [
  { code: websiteCode, kind: 'website', name: '远岫官网' },
  { code: otaCode, kind: 'ota', name: '云途旅行网' },
  { code: erpCode, kind: 'erp', name: '集团业务系统' },
]

export const channelCodes: readonly string[] = [...stores, ...otherChannels].map(({ code }) => code)
export const companyCodes: readonly string[] = places.map(([, code]) => code)

export interface Product {
  name: string
  /** For one traveller, in the low season. */
  priceYuan: number
  /** How much it is wanted in each month. */
  months: readonly number[]
}

//                      1  2  3  4  5  6  7  8  9  10 11 12
const always = /*   */ [5, 6, 5, 7, 8, 6, 9, 9, 6, 9, 4, 4]
const summer = /*   */ [1, 1, 2, 3, 6, 9, 12, 12, 8, 5, 1, 1]
const winter = /*   */ [11, 11, 5, 2, 1, 1, 1, 1, 1, 3, 7, 11]
const spring = /*   */ [3, 5, 11, 12, 8, 4, 3, 3, 4, 5, 3, 3]
const autumn = /*   */ [2, 2, 3, 4, 5, 4, 6, 7, 11, 13, 7, 2]

export const products: readonly Product[] = [
  { name: '川西环线 5 日', priceYuan: 2680, months: autumn },
  { name: '九寨沟黄龙纯玩 4 日', priceYuan: 1980, months: autumn },
  { name: '稻城亚丁秘境 7 日', priceYuan: 4280, months: autumn },
  { name: '峨眉山乐山大佛 3 日', priceYuan: 980, months: always },
  { name: '都江堰青城山一日游', priceYuan: 268, months: always },
  { name: '昆明大理丽江 6 日', priceYuan: 2580, months: spring },
  { name: '西双版纳避寒 5 日', priceYuan: 2880, months: winter },
  { name: '桂林阳朔山水 4 日', priceYuan: 1680, months: spring },
  { name: '张家界凤凰古城 5 日', priceYuan: 2180, months: always },
  { name: '西安兵马俑华山 4 日', priceYuan: 1780, months: spring },
  { name: '敦煌青海湖大环线 8 日', priceYuan: 4680, months: summer },
  { name: '新疆伊犁赛里木湖 8 日', priceYuan: 5680, months: summer },
  { name: '喀纳斯禾木秋色 8 日', priceYuan: 5980, months: autumn },
  { name: '呼伦贝尔草原亲子 6 日', priceYuan: 4380, months: summer },
  { name: '西藏拉萨林芝 8 日', priceYuan: 5280, months: summer },
  { name: '长江三峡游轮 4 日', priceYuan: 2380, months: always },
  { name: '海南三亚度假 5 日', priceYuan: 3280, months: winter },
  { name: '哈尔滨雪乡 5 日', priceYuan: 3180, months: winter },
  { name: '长白山滑雪温泉 5 日', priceYuan: 3580, months: winter },
  { name: '厦门鼓浪屿土楼 4 日', priceYuan: 1880, months: always },
  { name: '武夷山茶旅 3 日', priceYuan: 1280, months: spring },
  { name: '北京故宫长城亲子 5 日', priceYuan: 2380, months: summer },
  { name: '江南水乡乌镇 3 日', priceYuan: 1180, months: spring },
  { name: '黄山宏村 3 日', priceYuan: 1380, months: spring },
  { name: '青岛蓬莱海滨 4 日', priceYuan: 1680, months: summer },
  { name: '泰山曲阜 3 日', priceYuan: 1080, months: always },
  { name: '日本本州樱花 6 日', priceYuan: 6980, months: spring },
  { name: '泰国曼谷芭提雅 6 日', priceYuan: 3680, months: winter },
  { name: '新加坡马来西亚 6 日', priceYuan: 4980, months: always },
  { name: '法意瑞经典 12 日', priceYuan: 14_800, months: summer },
  { name: '贝加尔湖蓝冰 6 日', priceYuan: 6280, months: winter },
  { name: '极光摄影 摩尔曼斯克 7 日', priceYuan: 9800, months: winter },
]

/** Beside the route on some orders; price for one traveller. */
export const extras: readonly { name: string; priceYuan: number }[] = [
  { name: '旅游意外险', priceYuan: 30 },
  { name: '单房差', priceYuan: 480 },
  { name: '接送机', priceYuan: 160 },
]

/** Above the tiers that every group begins with: whom the group invites, it takes far. */
export const highestTier = {
  code: 'starsea',
  names: { 'zh-CN': '星海', en: 'Star Sea', ru: 'Звёздное море' },
  landscape: 'starsea',
} as const

/** One of so many customers was invited to a tier; why, and to which, from the commonest. */
export const invitedOneIn = 40
export const invitations: readonly { tier: string; reason: string }[] = [
  { tier: 'lakeside', reason: '老会员回馈' },
  { tier: 'lakeside', reason: '门店推荐的熟客' },
  { tier: 'ginkgo', reason: '带来企业团' },
  { tier: 'ginkgo', reason: '旧系统金卡转入' },
  { tier: 'danxia', reason: '旧系统白金卡转入' },
  { tier: 'starsea', reason: '集团贵宾' },
]
