"""The goods that a document says it is for: 本规则适用于吸尘器、扫地机器人等小家电; 本细则所称管乐器，包括笛、箫、萨克斯.

A rule for a category opens with what belongs to it, and customers say that, never the category's name: 萨克斯保修几年.
Each kind of goods is then a name of the category, which the question states by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from kb.text import HAN, fold, segments, to_simplified
from kb.types import Clause, Version

DIMENSION = "category"  # a platform's rule for 化妆品、奶粉 is not what all of them are sold on
_OPENING_CHARS = 1500  # of a document: what it is for stands in its first articles
_ITEM = rf"[{HAN}a-z0-9]{{1,24}}(?:[(][^()]{{0,40}}[)])?"
_AND = "以及|及其?|和|与|或者?"
_LIST = re.compile(rf"(?:{_ITEM}[、,/])+{_ITEM}|{_ITEM}(?:{_AND}){_ITEM}")
_SAYS_FOR_WHAT = re.compile(
    r"适用于|适用范围|适用(?:的)?(?:商品|品类|类目)|(?:所称|是指|指的是|指|包括|包含|涵盖|包括但不限于)"
)
_NOT_FOR = re.compile(r"不(?:包括|包含|含|适用)|除外|以外|除了?")
_BEFORE = re.compile(  # the words that lead to the first item
    r".*(?:适用于|所称|是指|指的是|包括但不限于|包括|包含|涵盖|类目下?的|品类的|类目|平台的|下单的|购买的|销售的|出售的|全部的?|所有的?|各类|以下|如下|:)"
)
_BEHIND = re.compile(r"(?:等|的)(?:.*)$|类?(?:商品|产品|类目|用品)$")
# What is no kind of goods, or one of any category.
_NO_KIND = re.compile(
    r"^(?:其|本|该|各|等|上述|前述)?(?:商品|产品|货物|服务|订单|交易|配件|附件|赠品|包装|其他|其它|部件|耗材|消费者|买家|卖家|商家|用户|会员|平台|店铺|线上|线下)?$"
    r"|[退换修买售运送赔付购签期日月年元天]|订单|渠道|平台|店|包邮|问题|破损|损坏|规则|规定|协议|用户|会员|消费者|适用|发生|处理|提供|进行|使用|以|可以|应当"
)
# 用手机下单, 手机号, 手机壳: not what was bought.
_USED = re.compile(r"(?:[用拿从在填留改]|通过|绑定?|换绑)(?:[我他她你您]|孩子|自己|本人|家人|别人|朋友)?(?:家)?的?$")
_PART_OF = re.compile("[号端版壳膜套卡架盒袋贴绳店网上里]|app|短信|验证|银行|支付|登录|操作|扫码|下单")
_IS_HAN = re.compile(f"[{HAN}]")
_LONGEST = 8
_FEWEST = 3  # items of a list that no word calls the category's


def kinds(versions: Iterable[Version], clauses: Mapping[str, Iterable[Clause]]) -> Mapping[str, set[str]]:
    """Kind of goods, folded -> the folded categories whose documents say that they are for it. `clauses`: by version."""
    found: dict[str, set[str]] = {}
    for version in versions:
        if category := fold(version.scope.get(DIMENSION, "")):
            for clause in clauses.get(version.id, ()):
                if clause.start < _OPENING_CHARS:
                    for kind in _listed(clause.text, category):
                        found.setdefault(kind, set()).add(category)
    return found


def _listed(text: str, category: str) -> Iterable[str]:
    plain = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    for sentence in re.split(r"[。;\n]", plain):
        says = _SAYS_FOR_WHAT.search(sentence)
        if says is None:
            continue
        if (stop := _NOT_FOR.search(sentence)) is not None:
            sentence = sentence[: stop.start()]
        called = category in sentence or any(part in sentence for part in segments(category) if len(part) > 1)
        if says.group() in ("所称", "是指", "指的是", "指", "包括", "包含", "涵盖") and not called:
            continue  # 本规则所称激活，是指……: some other word is defined
        for match in _LIST.finditer(sentence):
            items = re.split(rf"[、,/]|{_AND}", match.group())
            if len(items) >= _FEWEST or called:
                yield from (item for item in map(_item, items) if item and item != category)


def _item(words: str) -> str:
    words = re.sub(r"[(].*", "", _BEFORE.sub("", words))
    words = _BEHIND.sub("", words)
    return "" if len(words) > _LONGEST or _NO_KIND.search(words) else words


def is_meant(folded: str, span: tuple[int, int]) -> bool:
    """Whether a name stands for goods where it stands, in words of its own: 笛 in 笛子, not 鱼 in 鱼缸."""
    start, end = span
    if _USED.search(folded[:start]) or _PART_OF.match(folded, end):
        return False
    return not _IS_HAN.match(folded, start) or _is_word_of_its_own(folded, start, end)


def _is_word_of_its_own(folded: str, start: int, end: int) -> bool:
    first = start
    while first and _IS_HAN.match(folded, first - 1):
        first -= 1
    run = re.compile(f"[{HAN}]+").match(folded, first)
    assert run is not None
    bounds, at = {first}, first
    for piece in segments(run.group()):
        at += len(piece)
        bounds.add(at)
    return start in bounds and (end in bounds or folded[end : end + 1] in ("子", "儿") and end + 1 in bounds)
