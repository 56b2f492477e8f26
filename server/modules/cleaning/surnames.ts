/**
 * Chinese family names and the syllables of pinyin: what tells a family name from a given one. Facts about the
 * language, in simplified characters.
 */

/** The hundred most frequent, most frequent first (they cover some 85 % of mainland people). */
const frequent =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾韦夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤'

const others =
  '褚卫尤施华戚喻柏水窦章云葛奚郎鲁昌苗凤花俞柳酆鲍费廉岑倪滕殷毕邬安常乐时傅皮卞齐康伍元卜平和穆萧湛祁禹狄米贝明' +
  '臧计伏成谈茅庞纪舒屈项祝阮蓝闵席季麻强路娄危童颜梅盛刁骆樊凌霍虞支柯昝管经房裘缪干解应宗宣贲郁单杭洪包诸左吉钮' +
  '嵇邢滑裴荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井富巫乌焦巴弓牧隗山谷车宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖符景' +
  '詹束幸司韶郜蓟薄印宿怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈' +
  '燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容古易慎戈庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍' +
  '聂晁勾敖融冷訾辛阚那简饶空毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公仉督岳帅缑亢况郈归海晋楚法汝鄢涂钦商牟' +
  '佘佴赏墨哈谯笪阳佟言代邸冼邝仝苑辜占鹿揭银战庹展由迟原税芦衣初丛矫闪麦甯尉栗隋生粟撒门郄郇漆苟刑线练俎黑雒虎冶' +
  '锺把赫庆候区铁亓仵买么朴南律补扬兰敬枚屯'

const compound =
  '欧阳 司马 诸葛 上官 夏侯 东方 皇甫 尉迟 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 公孙 仲孙 轩辕 令狐 钟离 锺离 宇文 长孙 慕容 鲜于 闾丘 司徒 司空 司寇 亓官 颛孙 端木 巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁 段干 百里 东郭 南门 呼延 羊舌 微生 梁丘 左丘 东门 西门 南宫 第五 万俟 闻人 赫连 独孤 纳兰 叶赫 那拉 完颜 爱新觉罗 哥舒 贺兰 侯莫陈 耶律 仆固 长鱼 即墨 达奚 褚师'

const singles = new Set([...frequent, ...others])
const compounds = new Set(compound.split(' '))
const frequentSingles = new Set(frequent)

export const frequentSurnames: readonly string[] = [...frequent]

/** The family name at the head of a name in simplified characters; empty when none is known. */
export function surnameAtHead(name: string): string {
  for (let length = 4; length > 1; length--) {
    if (name.length >= length && compounds.has(name.slice(0, length))) return name.slice(0, length)
  }
  const first = name.slice(0, 1)
  return singles.has(first) ? first : ''
}

export function isSurname(text: string): boolean {
  return singles.has(text) || compounds.has(text)
}

export function isFrequentSurname(text: string): boolean {
  return frequentSingles.has(text) || compounds.has(text)
}

const syllables = new Set(
  `a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng cha
  chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan cui
  cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en eng er
  fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo ha
  hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong
  jiu ju juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le
  lei leng li lia lian liang liao lie lin ling liu long lou lu luan lun luo lv lve ma mai man mang mao me mei men meng
  mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong
  nou nu nuan nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang
  qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru ruan rui run ruo sa sai san sang
  sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si
  song sou su suan sui sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan
  wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying
  yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou
  zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo`.split(/\s+/),
)

/** True when the letters are one to `most` syllables of pinyin, whichever way they are cut: xiaoming, xian. */
export function isPinyin(letters: string, most = 3): boolean {
  if (letters === '') return true
  if (most === 0) return false
  for (let length = Math.min(6, letters.length); length > 0; length--) {
    if (syllables.has(letters.slice(0, length)) && isPinyin(letters.slice(length), most - 1)) return true
  }
  return false
}
