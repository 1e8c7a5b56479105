"""Questions that are the place of an article and nothing else: 售后总则第十四条怎么说, what does section 3.2 say.

Such a place is looked up: what stands there is a fact, and no clause like it is an answer. A question that also says what
it is about (第七条说的运费谁出) is no citation and is searched for like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.text import numeral, to_simplified
from kb.titles import plain
from kb.types import Clause, Version

_HAN = "零〇一二两三四五六七八九十百千"
_N = rf"(?:[{_HAN}]+|\d{{1,4}})"
_WITHIN = rf"(?:\s*[的之]?\s*第?\s*[(]?{_N}[)]?\s*[款项目])*"
_ARTICLE = re.compile(  # 第一百二十条之一, 3.2条, 제6조, section 3.2
    rf"第?\s*(?P<han>{_N}(?:[.-]\d{{1,3}})*)\s*条(?:之(?P<han_sub>{_N}))?(?P<within>{_WITHIN})"
    r"|제\s*(?P<korean>\d{1,4})\s*조(?:의\s*(?P<korean_sub>\d+))?"
    r"|(?<![a-z])(?:article|section|clause|rule|art\.|sec\.|§|art[ií]culo|cl[aá]usula|secci[oó]n)\s*(?P<latin>\d{1,4}(?:\.\d{1,3})*)(?![\d%])"
)
_STEP = re.compile(rf"[(]?(?P<n>{_N})[)]?\s*[款项目]")
# What else stands around the place in a question for it, and says nothing of what the article is about.
_ZH = (
    r"请问|请|麻烦(?:你|您)?|劳驾|帮(?:我|忙|下)?|给我|我(?:想|要)|想|知道|问|查询|[查看找念读发贴](?:[一1]?下|[一1]?[查看])?|翻(?:到|[一1]?下)?"
    r"|按照?|根据|依据|关于|那个?|这个?|那条|这条|咱们?|我们|你们|[你咱]家|贵[司店]|贵公司|本店|[店家]里|店铺|商家|公司|平台|上面|里面|里头|里边|中|里|上|的|原文|原话|全文|全部|完整|内容|条文|条款|文字|具体|到底|究竟|详细|现在|现行|最新"
    r"|(?:到底)?是?(?:怎么|咋|如何)(?:说|写|规定|约定|讲|表述)|(?:说|写|讲|规定|约定)(?:的|了|着)?(?:是|些)?(?:什么|啥|哪些|甚么|有哪些)?|有?(?:什么|啥|哪些)(?:内容|规定|意思)?"
    r"|是(?:什么|啥|哪条|哪[一1]条)?|意思|怎么(?:回事|理解|看)|呢|吗|吧|啊|呀|哦|哈|了|么|来着|亲|说明|还?(?:有效|生效|算数|作数)"
)
_OTHER = (
    r"は|には|を|の|とは|何(?:と)?(?:[書书]いて|[書书]かれて)?(?:あり|い)?(?:ます)?か?|どう(?:なって|[書书]いて|[書书]かれて)(?:い|あり)ますか?|内容|ですか|教えて(?:ください|下さい)?|[見见]せて(?:ください)?|なに|なん"
    r"|은|는|이|가|의|을|를|내용|뭐(?:예요|라고|죠)?|무엇(?:인가요|입니까)?|어떻게|되어|돼|있(?:나요|습니까|어요)|알려\s?(?:주세요|줘)|보여\s?(?:주세요|줘)|에"
    r"|(?<![a-zà-ÿ])(?:what(?:'s|\sis)?|whats|does|do|did|is|are|in|of|the|our|your|please|pls|can|could|you|show|me|quote|read|tell|give|us|say|says|said|state|states|mean|means|about|under"
    r"|text|wording|exact|full|whole|look|up|see|i|need|want|to|and|it|que|qué|dice|el|la|los|las|del|de|en|cual|cuál|es|texto|muestra|muéstrame)(?![a-zà-ÿ])"
)
_FILLER = re.compile(rf"(?:[\s\W_]|{_ZH}|{_OTHER})+")
_LINKS = re.compile(r"(?:[\s\W_]|里面|里头|里边|中|里|上|的|之|の|의)+$")  # between a title and the place
_TRAILING = re.compile(rf"(?:[\s\W_]|{_OTHER})+$")
_IS_TITLE = re.compile(
    r"(?:法典?|通则|总则|条例|规则|办法|规定|细则|条款|协议|合同|政策|制度|手册|须知|说明|公约|章程|标准|规范|指南|流程|公告|通知|准则|规约|规程|》"
    r"|policy|terms|rules|agreement|act|law|code|guide|manual|政策|법|규정|약관)[\s\W_]*$"
)
_PAST = re.compile(
    r"(?:去年|前年|[上前]个?月|以前|之前|从前|原来|原先|当时|那时候?|那会儿?|旧版?本?|老版?本?|last year(?:'s)?|previous|former|以前の|지난)的?"
)
_YEAR = re.compile(r"(?<!\d)20\d\d\s*年?\s*(?:版本?|年度|度)?的?")
_FEWEST = 3  # letters of a title that need not stand side by side
_PUNCTUATION = re.compile(r"[\W_]+")

_NUMBER = re.compile(rf"(?P<n>\d{{1,3}}(?:\.\d{{1,3}})*|[{_HAN}]+)(?:$|[.、:]|\s)")  # 七、, 3.2
_ITEM = re.compile(rf"第?[(]?({_N})(?:[)]|[.、:款项]|\s|$)")


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that a question names, and nothing else."""

    title: str  # the words beside the place, of a document where one bears them; empty where they say nothing
    number: str  # 14, 120-1, 3.2
    within: tuple[int, ...]  # the numbers of the paragraph and the item that are asked for, from the outside in
    words: str  # the place as it was written
    past: bool = False  # whether an edition before today's is asked for, with no day

    @property
    def bare_title(self) -> str:
        """`title` without the words before it that say nothing, as it can be shown."""
        begin = _FILLER.match(self.title)
        polite = begin is not None and 2 <= begin.end() < len(self.title)
        return self.title[begin.end() if begin and polite else 0 :].strip(" 《》")

    @property
    def names_a_document(self) -> bool:
        """Whether `title` is one by its own words, also where no document of the base bears it."""
        return _IS_TITLE.search(self.title) is not None


def cited(question: str) -> Cited | None:
    """The place that a question asks for. `question`: without greetings and words of time."""
    text = _plain(question)
    places = list(_ARTICLE.finditer(text))
    if len(places) != 1:
        return None
    (place,) = places
    past = _PAST.search(text) is not None
    before, behind = (_PAST.sub("", part) for part in (text[: place.start()], text[place.end() :]))
    if not _FILLER.fullmatch(before + " "):
        title = _LINKS.sub("", before)
    elif _FILLER.fullmatch(behind + " "):
        title = ""
    elif place["latin"]:  # what does section 3.2 of the return policy say
        title, behind = behind, ""
    else:
        return None
    if not _FILLER.fullmatch(behind + " "):
        return None
    if not title and place.group()[0].isdigit() and "." not in place["han"]:  # 14条 alone may be of anything
        return None
    number = _number(place)
    if number is None:
        return None
    steps = tuple(_value(step["n"]) or 0 for step in _STEP.finditer(place["within"] or ""))
    return Cited(title.strip(), number, steps, place.group().strip(), past)


def _plain(text: str) -> str:
    return to_simplified(unicodedata.normalize("NFKC", text)).lower().strip()


def _number(article: re.Match[str]) -> str | None:
    """14, 120-1 or 3.2; None: its numeral is none."""
    sub = article["han_sub"] or article["korean_sub"]
    whole = _whole(article["han"] or article["korean"] or article["latin"])
    return f"{whole}-{_value(sub)}" if whole and sub else whole


def _whole(n: str) -> str | None:
    value = n if n[0].isdigit() else _value(n)
    return None if value is None else str(value)


def _value(n: str) -> int | None:
    return int(n) if n.isdigit() else numeral(n)


class Articles:
    """The numbered places of a base's versions."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._places: dict[str, dict[tuple[str, str], dict[tuple[str, ...], list[Clause]]]] = {}
        for clause in clauses:
            of_version = self._places.setdefault(clause.version, {})
            for depth, name in enumerate(clause.path, 1):
                if (key := _key(name)) is not None:
                    of_version.setdefault(key, {}).setdefault(clause.path[:depth], []).append(clause)

    def at(self, place: Cited, version: str) -> list[list[Clause]]:
        """The places of a version that a citation means, each with its clauses in order; by the article's own word
        first (第七条), then by a bare number (七、), the outermost of them."""
        of_version = self._places.get(version, {})
        found = of_version.get(("article", place.number)) or of_version.get(("number", place.number)) or {}
        outermost = min(map(len, found), default=0)
        return [_within(path, clauses, place.within) for path, clauses in found.items() if len(path) == outermost]


def _key(name: str) -> tuple[str, str] | None:
    text = _plain(name)
    article = _ARTICLE.match(text)
    if article is not None and (not article["han"] or text.startswith("第")):  # 三条红线 is no third article
        kind, number = "article", _number(article)
    elif (bare := _NUMBER.match(text)) is not None:
        kind, number = "number", _whole(bare["n"])
    else:
        return None
    return None if number is None else (kind, number)


def _within(path: tuple[str, ...], clauses: Sequence[Clause], steps: Sequence[int]) -> list[Clause]:
    """Of an article's clauses those of the item asked for, where items are clauses; else all."""
    found = list(clauses)
    for step in steps:
        deeper = [clause for clause in found if len(clause.path) > len(path) and _item(clause.path[len(path)]) == step]
        if deeper:
            found, path = deeper, deeper[0].path[: len(path) + 1]
    return found


def _item(name: str) -> int | None:
    match = _ITEM.match(_plain(name))
    return _value(match[1]) if match else None


def named(words: str, versions: Iterable[Version]) -> list[Version]:
    """The versions that words mean as a title: that bear it, else that have it in theirs, else that have its letters in
    their order (售后总则: 售后服务总则). The most of the words that are a title count: 帮我看下发货须知 is 发货须知."""
    titles = [(version, _bare(plain(version.title))) for version in versions]
    return _named(words, titles) or _named(_YEAR.sub("", words), titles)  # 2025年版售后规则: its title names no year


def _named(words: str, titles: Sequence[tuple[Version, str]]) -> list[Version]:
    for start in range(len(words)):
        if start and not _FILLER.fullmatch(words[:start]):
            continue
        end = len(words) if not words.isascii() else len(_TRAILING.sub("", words))
        if not (title := _bare(words[start:end])):
            break
        for bears in (str.__eq__, str.__contains__, _in_order):
            if found := [version for version, key in titles if bears(key, title)]:
                return found
    return []


def _bare(title: str) -> str:
    return _PUNCTUATION.sub("", to_simplified(title))


def _in_order(key: str, title: str) -> bool:
    remaining = iter(key)
    at_the_ends = key[:1] == title[0] and key[-1:] == title[-1]  # 消法
    return (len(title) >= _FEWEST or len(title) > 1 and at_the_ends) and all(letter in remaining for letter in title)
