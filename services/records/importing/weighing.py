"""Which encoding of the East a text is in: the one that makes titles and everyday characters of its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from regimes.oddities import simplified
from services.records.importing import mapping
from services.records.importing.titles import SYNONYMS

EASTERN = ("gb18030", "big5", "big5hkscs", "cp932", "euc_jp")
ENOUGH, MUCH, CLEARLY = 0.25, 0.5, 2.0  # shares of everyday characters, and how far one must be ahead of the next
NEITHER = re.compile("[\x00-\x7f\u3000-\u303f\uff00-\uff60]")  # ASCII, and signs that say nothing of the language
KANA = re.compile("[\u3041-\u30ff]")
HEADER_WITHIN = 20
CELLS = re.compile(r"[,;\t|\r\n]")

# What companies' lists are written with: everyday characters, surnames, places, trades. Other encodings read wrongly
# come out all over the table, a few in a hundred of them here.
EVERYDAY = frozenset(
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当"
    "没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高"
    "已亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体"
    "却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军"
    "候民岁往何度山觉路带万男边风解叫任金快原吃妈变通师立象数四失满战远格士音轻目条呢病始达深完今提求清王化空业思切怎非找片罗钱语元喜曾"
    "离飞科言干流欢约各即指合反题必该论交终林请医晚制球决传画保读运及则房早院量苦火布品近坐产答星精视五连司奇管类未朋且婚台夜青北队久乎"
    "越观落尽形影红爸百令周吧识步希亚术留市半热送兴造谈容极随演收首根讲整式取照办强石古华拿计您装似足双妻尼转诉米称丽客南领节衣站黑刻统"
    "断福城故历惊脸选包紧争另建维绝树系伤示愿持千史谁准联妇纪基买志静阿诗独复痛消社算义竟确酒需单治卡幸兰念举仅钟怕共毛句息功官待究跟穿"
    "室易游程号居考突皮哪费倒价图具刚脑永歌响商礼细专黄块脚味灵改据般破引食仍存众注笔甚某沉血备习校默务土微娘须试怀料调广苏显赛查密议底"
    "列富梦错座参八除跑亮假印设线温虽掉京初养香停际致阳纸李纳验助激够严证帝饭忘趣支春集丈木研班普导顿睡展跳获艺六波察群皇段急庭创区奥器"
    "谢弟店否害草排背止组州朝封睛板角况曲馆育忙质河续哥呼若推境遇雨标姐充围案伦护冷警贝著雪索剧啊船险烟依斗值帮汉慢佛肯闻唱沙局伯族低玩"
    "资屋击速顾泪洲团圣旁堂兵七露园牛哭旅街劳型烈姑陈莫鱼异抱宝权鲁简态级票怪寻杀律胜份汽右洋范床舞秘午登楼贵吸责例追较职属渐左录丝牙党"
    "户址邮编箱手机址税票银行账省县镇村乡路街巷幢单元厂贸易有限责任股份集团实业科技电子信息网络贸服务咨询物流运输仓储建筑工程机械设备制造"
    "材料化工医药食品饮料纺织服装家具五金塑料橡胶纸印刷包装能源环保农林牧渔矿冶钢铁铝铜锌汽配酒店餐饮旅游教育培训广告传媒文化影视律师会计"
    "刘杨赵吴徐孙胡朱郭何林罗郑梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范石廖贾韦夏付方邹熊孟秦邱江尹薛闫"
    "段雷侯龙史陶黎贺顾毛郝龚邵欧恒澄榆沪浙津渝鄂粤桂滇黔蜀皖赣闽湘冀晋豫鲁宁港澳深圳杭州苏锡武汉重庆沈阳哈尔滨济青厦福备注联系职务职位性别"
    "等级类型编码代码日期区域行业规模来源合同金额信用额度注册资本顧客氏名住所株式会社番号電話部門担当"
)


@dataclass(frozen=True)
class Weighed:
    """What speaks for one encoding: its titles that are known, and how much of the text is everyday characters."""

    name: str
    titles: int
    share: float

    @property
    def plausible(self) -> bool:
        """Whether this is a text at all, as far as its titles and characters tell."""
        return self.titles > 0 or self.share >= ENOUGH


def weighed(head: bytes, titles: Set[str] = frozenset()) -> list[Weighed]:
    """The encodings that the beginning of a file can be in, the likeliest first."""
    found = [_weighed(name, text, titles) for name in EASTERN if (text := _text(head, name)) is not None]
    return sorted(found, key=lambda one: (one.titles, one.share), reverse=True)


def outweighs(first: Weighed, others: list[Weighed]) -> bool:
    """Whether no other could be meant; encodings of which one holds the other are the same for a text in both."""
    rivals = [one for one in others if one.name[:4] != first.name[:4]]
    best = max((one.share for one in rivals), default=0.0)
    titled = max((one.titles for one in rivals), default=0)
    return first.titles > titled or (first.share >= MUCH and titled == first.titles and first.share > best * CLEARLY)


def known(text: str, titles: Set[str] = frozenset(), ascii_too: bool = False) -> int:
    """How many titles among the first lines an import knows; those in ASCII say nothing of an encoding."""
    lines = text.splitlines()[:HEADER_WITHIN]
    cells = {cell.strip(' "') for line in lines for cell in CELLS.split(line)}
    wanted = titles or _usual()
    return sum(mapping.comparable(cell) in wanted for cell in cells if ascii_too or not cell.isascii())


def _weighed(name: str, text: str, titles: Set[str]) -> Weighed:
    signs = NEITHER.sub("", text)
    everyday = sum(one in EVERYDAY for one in simplified(signs)) + len(signs) - len(KANA.sub("", signs))
    return Weighed(name, known(text, titles), everyday / len(signs) if signs else 0.0)


@lru_cache(maxsize=1)
def _usual() -> Set[str]:
    """Titles that customers' lists have, whatever their class is."""
    return mapping.known_titles(dict.fromkeys(SYNONYMS, ()))


def _text(head: bytes, name: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(head)
    except UnicodeError:
        return None
