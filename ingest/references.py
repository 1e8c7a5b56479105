"""Cross-references: where a clause names another one (依照本规则第十二条), and which clause that is.

`find` reads one clause's text; `link` looks the numbers up among the clauses of the same document. Both are pure.
A number that opens a clause is its label, no reference; a count (第一条评论, 第二款手机) is neither.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.numbering import ITEMS, SPACE, Mark, Style, read, to_int
from kb.types import Clause, Reference

_N = r"(?:[零〇○一二三四五六七八九十百千两]+|[0-9０-９]+)"
_S = rf"[{SPACE}]*"
_SUB = (
    rf"(?:{_S}之?{_S}第{_S}(?P<para{{0}}>{_N}){_S}[款項](?![目]))?"
    rf"(?:{_S}之?{_S}第{_S}[（(]?{_S}(?P<item{{0}}>{_N}){_S}[）)]?{_S}[项號号項](?![目]))?"
    rf"(?:第{_S}[（(]?{_N}[）)]?{_S}目)?"
)
# 第一条评论, 第三条短信: a count of things that come by the strip
_COUNTED = re.compile("[消评信短微线路街裙裤鱼新内弹留动广推记数裂航船河腿生][\u4e00-\u9fff]")
_SAYS = r"(?=规定|規定|所|的|第|[、，。；：,.;:）)]|至|到|和|与|與|或|及|以及|情形|中|之|约定|約定|执行|除外|罪|行为|违法|确定|に|の|を|は|が|から|各|及び|$)"
_HAN = re.compile(
    "|".join(
        (
            rf"(?P<article>第{_S}{_N}(?:[.．-][0-9０-９]+)*{_S}[条條](?:[之の]{_S}{_N}(?!{_S}[款項项天日个年月倍]))?)"
            + _SUB.format("A"),
            rf"(?<![0-9０-９.．第])第?{_S}(?P<decimal>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{1,4}}){_S}[条條款節节项項](?![例件目])",
            rf"(?P<own>[本同]{_S}[条條](?![例件款目形纹])|[该該][条條](?=规定|規定|第|所|中|之))" + _SUB.format("B"),
            r"(?P<before>(?<![之以提目])前(?:[两二三四五]|[0-9])?[条條](?![例件款目形])|(?<![以线網网之])上[条條](?=规定|規定|第|所|之))"
            + _SUB.format("C"),
            r"(?P<next>次[条條](?=[にのをはが第及各]))" + _SUB.format("D"),
            r"(?P<above>(?<![之提目])前(?:[两二三四五六]|[0-9])?款(?![项式額额])|(?<![以])上款(?=规定|所)|前(?:[二三]?項)(?![目]))"
            + _SUB.format("E"),
            r"(?P<here>[本该同][款項](?=规定|規定|所|第|中|之|の|各|に))" + _SUB.format("F"),
            rf"(?P<item>(?<![之以])前{_S}[（(]?[两二三四五六七八九十0-9]?[）)]?{_S}[项号](?![目])(?=规定|規定|所|情形|的|、|，|。|之|に|の)"
            r"|[本该][项](?=规定|所|情形))",
            rf"(?P<paragraph>第{_S}{_N}{_S}[款項]{_SAYS}|第{_S}{_N}{_S}项(?=规定|所|的规定|[、至和与或及]者?第))"
            rf"(?:{_S}第{_S}[（(]?{_S}(?P<itemG>{_N}){_S}[）)]?{_S}[项號号項](?![目]))?",
            rf"(?P<numbered>第{_S}[（(]{_S}{_N}{_S}[）)]{_S}[项号項])",
            # one more of a list: 第一款、第二款, 第一项或者第二项
            rf"(?P<bare>(?<=[、和与及或至到者列])第{_S}{_N}{_S}[款项号號](?![目手产商应车游机工任服活]))"
            rf"(?:{_S}第{_S}[（(]?{_S}(?P<itemH>{_N}){_S}[）)]?{_S}[项號号項](?![目]))?",
            rf"(?P<chapter>第{_S}{_N}{_S}(?:分?[编編]|[章节節])(?:{_S}第{_S}{_N}{_S}(?:分[编編]|[章节節]))*{_SAYS})(?!课)",
            rf"(?P<annex>(?:附件|附表|附录|附錄|別表)(?:{_S}第?{_S}{_N}(?![年月日个份张页\d])|(?<=[见見如按照依]附[件表录錄])))",
        )
    )
)
_KOREAN = re.compile(
    r"(?P<article>제\s*\d+\s*조(?:의\s*\d+)?)(?:\s*제\s*(?P<paraA>\d+)\s*항)?(?:\s*제\s*(?P<itemA>\d+)\s*호)?"
    r"|(?<![\uac00-\ud7a3])(?P<own>본\s?조)(?=[의에을를은는이과와\s제])(?:\s*제\s*(?P<paraB>\d+)\s*항)?"
    r"|(?<![\uac00-\ud7a3])(?P<before>전\s?조)(?=[의에을를은는이과와\s제])(?:\s*제\s*(?P<paraC>\d+)\s*항)?"
    r"|(?<![\uac00-\ud7a3])(?P<above>전\s?항)(?=[의에을를은는이과와\s제])"
    r"|(?P<paragraph>제\s*\d+\s*항)(?:\s*제\s*(?P<itemG>\d+)\s*호)?"
    r"|(?P<chapter>제\s*\d+\s*[장절])(?=[의에을를은는이과와\s])"
    r"|(?P<annex>별표\s*\d+)"
)
_EN_NUMBER = r"(?:\d{1,4}(?:\.\d{1,3})*|(?-i:[IVXLC]+|[A-Z])(?:\.\d{1,3})*)(?:\.?\((?:[a-z]{1,4}|\d{1,2})\))*"
_LATIN = re.compile(
    rf"\b(?P<word>sub-?sections?|sections?|articles?|clauses?|paragraphs?|(?-i:Schedules?|Annex(?:es)?|Appendix"
    rf"|Appendices|Exhibits?|Chapters?|Parts?|Rules?|SCHEDULE|ANNEX|APPENDIX|EXHIBIT|CHAPTER|PART)"
    rf"|art[íi]culos?|arts?\.|cl[áa]usulas?|secci[óo]n(?:es)?|apartados?|(?-i:Anexos?))\s+"
    rf"(?P<number>{_EN_NUMBER}(?:\.?[ºª°])?)(?![\w%°]|\.\d)|(?P<sign>§§?)\s*(?P<signed>{_EN_NUMBER})(?![\w%])",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:,\s*(?:and\s+|or\s+)?|\s+(?:and|or|to|through|y|o|a)\s+|\s*[–-]\s*)(?P<number>\d{1,3}(?:\.\d{1,3})*(?:\((?:[a-z]{1,4}|\d{1,2})\))*)"
    r"(?![\w%°]|\.\d|\s+(?:days?|months?|years?|hours?|minutes?|business|calendar|percent|USD|EUR|días|meses|años))"
)
_ORDINAL_ES = re.compile(
    r"\bcl[áa]usula\s+(?P<number>primera|segunda|tercera|cuarta|quinta|sexta|s[ée]ptima|octava|novena|d[ée]cima)\b",
    re.IGNORECASE,
)
_OWN_EN = re.compile(r"\s*,?\s*(?:of|in|to|under)\s+(?:this|these|the\s+present)\b", re.IGNORECASE)
_TITLE_AFTER_EN = re.compile(
    r"\s*,?\s*(?:of|in|under)\s+(?:the\s+|our\s+)?(?P<title>[A-Z][\w’'&.-]*(?:[ ](?:[A-Z][\w’'&-]*|of|and|for|on|the|to|\d{4}))*)"
)
_ACRONYM_AFTER = re.compile(r"\s+(?:of\s+the\s+)?(?P<title>[A-Z]{3,6})\b")
_TITLE_BEFORE_EN = re.compile(
    r"(?P<title>(?:[A-Z][\w&-]*\s+){0,6}(?:Act|Policy|Code|Regulation|Agreement|Terms|Directive|Guidelines|GDPR|CCPA))"
    r"(?:,|’s|'s)?\s+\(?$"
)
_TITLE_AFTER_ES = re.compile(
    r"\s*,?\s*(?:de|del|de la|de los|de las)\s+(?P<title>(?:Ley|Código|Reglamento|Real Decreto|Política|Directiva|Condiciones)"
    r"[^,.;()\n]{0,80})"
)
_GENERIC_EN = frozenset(("Agreement", "Terms", "Policy", "Contract", "Rules", "Addendum", "Act", "Code", "Document"))
_QUOTED = re.compile(
    r"[《「『〈](?P<title>[^《》「」『』〈〉\n]{2,60})[》」』〉](?:[（(][^（）()\n]{0,40}[）)])?[的之の]?\s*$"
)
_NAMED_BEFORE = re.compile(  # 民法典第五百七十七条, 平台服务协议第三条
    r"(?P<title>[\u4e00-\u9fff]{0,24}?(?:法典|法|[通总]则|条例|條例|规则|規則|办法|辦法|规定|規定|解释|细则|守则|纲要|意见|制度|指南|政策|公约|章程|协议|協議|合同|規約|規程|約款|条款|準則|准则))"
    r"(?:[（(][^（）()\n]{0,30}[）)])?[的之の]?\s*$"
)
_VERBS = re.compile(  # what comes before a name and is no part of it
    r".*(?:依照|按照|根据|依据|违反|适用|参照|符合|遵守|执行|援引|以及|由于|或者|属于|关于|构成|触犯|应当|可以|不得|计算|认定|包括|涉及"
    r"|根據|依據|違反|適用|參照|與|屬於|按(?!揭)|依(?!法)|与(?!者)|和(?!国|解|平)|及|是|因|(?<!行)为|对(?!外)|的|了|在|将|把|由(?!贸)|除|以|于(?<!关于)|指|其|就(?!业)"
    r"|(?<!国)有(?!限|资|关)|未(?!成年)|犯(?!罪)|达到|超过|高于|低于|审理|审查|行使|履行|享有|主张|取得|提交|受理|实施|明知|从事|出现"
    r"|作出|引用|虚开|制造|发现|考虑|收到|视同|修改前|承担|侵犯|使用(?!权)"
    r"|[、，。])(?!法|条例|條例|办法|辦法|规定|規定|规则|规範)"
)
_SELF = re.compile(
    r"^(?:本|该|此|这|前述|上述|各|其|有关|相关|同)?(?:法典|法|意见|制度|政策|条例|條例|规则|規則|办法|辦法|规定|規定|解释|细则|公约|章程|协议|協議|合同|規約|規程|約款|条款|準則|准则)$"
)
_OTHERS = re.compile(
    r"(?:该|(?<!合)同|前述|上述|此|這)(?:部)?(?:法典|法|条例|條例|规则|規則|办法|辦法|规定|規定|解释|细则|协议|協議|合同)的?$"
)
_BETWEEN = re.compile(
    r"(?:和|与|與|或|或者|及|以及|及び|又は|並びに|至|到|から|[、，,～~—–-]|\s|과|와|및|또는|의|规定|的)*"
)


@dataclass(frozen=True, slots=True)
class _Found:
    start: int  # offsets into the clause's text
    end: int
    kind: str  # the alternative that matched
    label: str
    title: str | None


def find(text: str, start: int, end: int, label: str = "") -> tuple[Reference, ...]:
    """The references in text[start:end], a clause called `label`, in order; `clause` is not known yet."""
    piece = text[start:end]
    found: list[_Found] = []
    if re.search(r"[条條款項项章编編节節附別]", piece):
        found += _han(piece)
    if "제" in piece or "별표" in piece or "전" in piece or "본" in piece:
        found += _simple(_KOREAN, piece)
    if re.search(r"[A-Za-z§]", piece):
        found += _latin(piece)
    own = read(piece[:200])
    opening = len(piece) - len(piece.lstrip('*_>#\u200b \u3000“"'))
    references: list[Reference] = []
    last = 0
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        is_label = own is not None and one.start <= opening and (own.label == label or label.startswith(own.label))
        if one.start < last or is_label or _opens_quoted_article(piece, one):
            continue
        last = one.end
        references.append(Reference(start + one.start, start + one.end, one.label, one.title))
    return tuple(references)


def _opens_quoted_article(piece: str, one: _Found) -> bool:
    """修改为：“第三条　经营者应当……”: the new wording of another document's article."""
    before, after = piece[one.start - 1 : one.start], piece[one.end : one.end + 1]
    return one.kind == "article" and before in ("“", "「", '"') and bool(after) and after in " \u3000\u200b\u2003"


def _han(piece: str) -> Iterator[_Found]:
    title: str | None = None
    last_end, mentioned = -1, None
    quoted = [(m.end(), m[1]) for m in re.finditer(r"[《「『]([^《》「」『』\n]{2,60})[》」』]", piece)]
    q = 0
    for match in _HAN.finditer(piece):
        kind = match.lastgroup or ""
        kind = next(name for name in _KINDS if match.groupdict().get(name) is not None)
        while q < len(quoted) and quoted[q][0] <= match.start():
            mentioned = quoted[q][1]
            q += 1
        between = piece[last_end : match.start()] if last_end >= 0 else None
        listed = between is not None and len(between) <= 8 and _BETWEEN.fullmatch(between)
        before = piece[max(0, match.start() - 70) : match.start()]
        named = _title_before(before, mentioned)
        if kind == "article" and named is None and not listed and _COUNTED.match(piece, match.end()):
            continue
        if kind in ("own", "before", "next", "here", "above", "item"):
            title = None
        elif named is not None:
            title = named or None
        elif not listed:
            title = None
        last_end = match.end()
        yield _Found(match.start(), match.end(), kind, _label(match[0]), title)


_KINDS = (
    *("article", "decimal", "own", "before", "next", "above", "here", "item", "paragraph", "numbered", "bare"),
    *("chapter", "annex"),
)


def _title_before(before: str, mentioned: str | None) -> str | None:
    """The document named directly before a number; "" for this one; None where nothing is named."""
    if (match := _QUOTED.search(before)) is not None:
        return match["title"]
    if _OTHERS.search(before):
        return mentioned or _OTHERS.search(before)[0].rstrip("的")  # type: ignore[index]
    if (match := _NAMED_BEFORE.search(before)) is None:
        return None
    name = _VERBS.sub("", match["title"])
    if _SELF.match(name) or not name or re.search(r"[本我]", name[:2]) or "本" in match["title"][-6:]:
        return ""
    return name


def _simple(pattern: re.Pattern[str], piece: str) -> Iterator[_Found]:
    for match in pattern.finditer(piece):
        kind = next(name for name in _KINDS if match.groupdict().get(name) is not None)
        before = piece[max(0, match.start() - 70) : match.start()]
        quoted = _QUOTED.search(before)
        named = re.search(r"(?<![\uac00-\ud7a3])(?!이 |본 )([\uac00-\ud7a3]+법)\s*$", before)
        title = quoted["title"] if quoted else named[1] if named else None
        yield _Found(match.start(), match.end(), kind, _label(match[0]), title)


def _latin(piece: str) -> Iterator[_Found]:
    for match in _LATIN.finditer(piece):
        word, number = match["word"] or match["sign"], match["number"] or match["signed"]
        if len(number) == 1 and number.isalpha() and not (word[0].isupper() and number.isupper()):
            continue
        group = [(match.start(), match.end(), match[0])]
        singular = _singular(word)
        at = match.end()
        if number[0].isdigit():
            while (more := _MORE.match(piece, at)) is not None:
                group.append((more.start("number"), more.end(), f"{singular} {more['number']}"))
                at = more.end()
        title = _title_around(piece, match.start(), at)
        for start, end, printed in group:
            label = re.sub(r"\s+", " ", printed)
            if start == match.start() and singular != word:
                label = f"{singular} {number}"
            yield _Found(start, end, "named", label, title)
    for match in _ORDINAL_ES.finditer(piece):
        yield _Found(match.start(), match.end(), "named", re.sub(r"\s+", " ", match[0]), None)


def _singular(word: str) -> str:
    special = {"appendices": "Appendix", "annexes": "Annex", "secciones": "sección", "arts.": "art.", "§§": "§"}
    if word.lower() in special:
        return special[word.lower()]
    return word[:-1] if word.lower().endswith("s") else word


def _title_around(piece: str, start: int, end: int) -> str | None:
    if _OWN_EN.match(piece, end):
        return None
    for pattern in (_TITLE_AFTER_ES, _TITLE_AFTER_EN, _ACRONYM_AFTER):
        if (match := pattern.match(piece, end)) is not None:
            title = re.sub(r"(?:\s+(?:of|and|for|on|the|to))+$", "", match["title"]).rstrip(".")
            return None if title in _GENERIC_EN else title
    if (match := re.search(r"\d+ [A-Z]\.[A-Z.]{1,8}\s*$", piece[max(0, start - 20) : start])) is not None:
        return match[0].strip()  # 18 U.S.C. Section 2703
    if (match := _TITLE_BEFORE_EN.search(piece[max(0, start - 80) : start])) is not None:
        title = re.sub("^(?:See|Under|In|The|With|By|If|And|Or) ", "", match["title"].strip())
        return None if title in _GENERIC_EN or title.split()[0] in ("This", "These") else title
    return None


def _label(printed: str) -> str:
    return re.sub(rf"[{SPACE}\n]+", "", printed)


# --- which clause it is ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A number somewhere in a clause's path, and the path down to it."""

    path: tuple[str, ...]
    clause: int


def link(clauses: Sequence[Clause], title: str | None = None) -> tuple[Clause, ...]:
    """The same clauses with `Reference.clause` filled in where it is certain. `title`: the document's own.

    Where numbers begin again in an annex, the number nearest to the referring clause (by path) is meant. A paragraph
    or item is looked for among the pieces of its article; where the article is one clause, that is the answer.
    """
    if not any(clause.references for clause in clauses):
        return tuple(clauses)
    index = _Index(clauses)
    linked = []
    for i, clause in enumerate(clauses):
        found: list[Reference] = []
        whole = ""  # the label with what it leaves unsaid: 第四条第一项、第二项
        for reference in clause.references:
            between = clause.text[found[-1].end - clause.start : reference.start - clause.start] if found else None
            listed = between is not None and len(between) <= 8 and _BETWEEN.fullmatch(between)
            whole = _completed(whole, reference.label) if listed else reference.label
            target = None
            if reference.title is None or (title and _same_title(reference.title, title)):
                target = index.target(i, whole)
            found.append(replace(reference, clause=None if target is None else clauses[target].id))
        linked.append(replace(clause, references=tuple(found)) if found else clause)
    return tuple(linked)


def _completed(before: str, label: str) -> str:
    """第四条第一款第一项 and then 第二项: 第四条第一款第二项."""
    if re.match(rf"第{_N}[款項]", label):
        base = re.match(rf"第{_N}(?:[.．-]\d+)*[条條](?:[之の]{_N})?|[本前同次该][条條]", before)
        return base[0] + label if base else label
    if re.match(rf"第[（(]?{_N}[）)]?[项号號]", label):
        base = re.match(rf"(.*?)第[（(]?{_N}[）)]?[项号號]", before)
        return base[1] + label if base else label
    return label


class _Index:
    """The numbers of a document's clauses."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.clauses = clauses
        self.places: dict[tuple[str, tuple[int, ...]], list[_Place]] = defaultdict(list)
        self.pieces: dict[tuple[str, ...], list[int]] = defaultdict(list)  # path of an article -> its clauses
        self.article_of: list[tuple[str, ...] | None] = []
        marks: dict[str, Mark | None] = {}
        for i, clause in enumerate(clauses):
            article = None
            for depth, name in enumerate(clause.path):
                mark = marks.setdefault(name, read(name))
                if mark is None:
                    continue
                path = clause.path[: depth + 1]
                keys = [(family, mark.number) for family in _families(mark)]
                if mark.style in (Style.UPPER, Style.ROMAN_UPPER) and re.match("[A-Z]$", mark.label):
                    keys.append(("letter", (ord(mark.label) - 64,)))
                for key in keys:
                    known = self.places[key]
                    if not known or known[-1].path != path:
                        known.append(_Place(path, i))
                if mark.style in (Style.ARTICLE, Style.NAMED, Style.DECIMAL, Style.CODE) and article is None:
                    article = path
            self.article_of.append(article)
            if article is not None:
                self.pieces[article].append(i)
        self.articles = list(self.pieces)
        self.turn = {path: n for n, path in enumerate(self.articles)}

    def target(self, i: int, label: str) -> int | None:
        match = _HAN.match(f"和{label}规定", 1) or _KOREAN.fullmatch(label)  # as it would stand in a sentence
        if match is None or len(match[0]) < len(label):
            return self._named(i, label)
        groups = {k: v for k, v in match.groupdict().items() if v is not None}
        paragraph = next((to_int(v) for k, v in groups.items() if k.startswith("para") and len(k) == 5), None)
        item = next((to_int(v) for k, v in groups.items() if k.startswith("item") and len(k) == 5), None)
        own = self.article_of[i]
        if "article" in groups and (mark := read(groups["article"])) is not None:
            return self._within(self._nearest(i, "article", mark.number), paragraph, item)
        if "decimal" in groups:
            return self._decimal(i, tuple(int(n) for n in groups["decimal"].split(".")))
        if "chapter" in groups or "annex" in groups:
            mark = read(_first_number(label))
            place = self._nearest(i, mark.style.value, mark.number) if mark else None
            return None if place is None else place.clause
        if own is None:
            return None
        pieces = self.pieces[own]
        if "own" in groups or "here" in groups:
            return self._among(pieces, paragraph, item)
        if "before" in groups or "next" in groups:
            n = self.turn[own] + (1 if "next" in groups else -1)
            if (
                not 0 <= n < len(self.articles)
                or self.articles[n][:-1] != own[:-1]
                and len(own) != len(self.articles[n])
            ):
                return None
            return self._among(self.pieces[self.articles[n]], paragraph, item)
        if "paragraph" in groups and (number := to_int(re.sub(r"[第제款項항\s]", "", groups["paragraph"]))):
            return self._among(pieces, number, item)
        if "numbered" in groups or "bare" in groups:
            number = to_int(re.sub(r"[第（）()项号號項\s]", "", groups.get("numbered") or groups["bare"]))
            return self._among(pieces, None, number)
        return self._above(pieces, i, item)

    def _nearest(self, i: int, family: str, number: tuple[int, ...]) -> _Place | None:
        places = self.places.get((family, number), [])
        path = self.clauses[i].path
        return max(places, key=lambda place: (_shared(place.path, path), -place.clause), default=None)

    def _within(self, place: _Place | None, paragraph: int | None, item: int | None) -> int | None:
        if place is None:
            return None
        return self._among(self.pieces.get(place.path) or [place.clause], paragraph, item)

    def _among(self, pieces: Sequence[int], paragraph: int | None, item: int | None) -> int | None:
        """The piece of an article that holds a paragraph (款) or an item (项); the first one for the article."""
        if len(pieces) == 1 or (paragraph is None and item is None):
            return pieces[0]
        if item is not None:
            depth = len(self.article_of[pieces[0]] or ())
            for i in pieces:
                marks = [read(name) for name in self.clauses[i].path[depth : depth + 1]]
                if any(mark and mark.style in ITEMS and mark.number == (item,) for mark in marks):
                    return i
        if paragraph is not None:
            seen = 0
            for i in pieces:
                for line in self.clauses[i].text.split("\n"):
                    mark = read(line.strip()) if line.strip() else None
                    seen += bool(line.strip()) and not (mark and mark.style in ITEMS)
                    if seen == paragraph:
                        return i
        return pieces[0] if item is None and paragraph is None else None

    def _above(self, pieces: Sequence[int], i: int, item: int | None) -> int | None:
        """前款: the paragraph before; in an article of several pieces the one before this piece that is no item."""
        if len(pieces) == 1:
            return i
        if item is not None:
            return self._among(pieces, None, item)
        article = self.article_of[i]
        earlier = [p for p in pieces if p < i and self.clauses[p].path == article]
        return earlier[-1] if earlier else pieces[0]

    def _decimal(self, i: int, number: tuple[int, ...]) -> int | None:
        for family in ("section", "article"):
            if (place := self._nearest(i, family, number)) is not None:
                return place.clause
        return None

    def _named(self, i: int, label: str) -> int | None:
        """Section 3.2(a): by its own word first, then among plain numbers; then down to (a)."""
        match = re.match(r"(?P<base>.*?)(?P<subs>(?:\.?\([a-z0-9]{1,4}\))*)$", label)
        assert match is not None
        if (lettered := self._lettered(i, match["base"])) is not None:
            return lettered
        mark = read(match["base"])
        if mark is None:
            return None
        place = None
        for family in _families(mark):
            place = place or self._nearest(i, family, mark.number)
        if place is None:
            return None
        target, path = place.clause, place.path
        for sub in re.findall(r"\([a-z0-9]{1,4}\)", match["subs"]):
            deeper = [
                k for k in self.pieces.get(place.path, ()) if self.clauses[k].path[: len(path) + 1] == (*path, sub)
            ]
            if not deeper:
                break
            target, path = deeper[0], (*path, sub)
        return target

    def _lettered(self, i: int, label: str) -> int | None:
        """Section D.4, where headings read "D. Content" and below it "4. Licence"."""
        match = re.match(r"\w+ ([A-Z])(?:\.(\d+))?$", label)
        place = self._nearest(i, "letter", (ord(match[1]) - 64,)) if match else None
        if match is None or place is None or match[2] is None:
            return None if place is None else place.clause
        below = [
            p for p in self.places.get(("section", (int(match[2]),)), ()) if p.path[: len(place.path)] == place.path
        ]
        return below[0].clause if below else None


def _families(mark: Mark) -> tuple[str, ...]:
    """Under which names a number is known: Section 3.2 is also the 3.2 of a document that prints no word."""
    if mark.style is Style.NAMED:
        word = re.sub(r"[^a-zA-Zíóáñ§].*", "", mark.label).lower()
        return (
            (word, "section")
            if word in ("section", "clause", "§", "sec", "cláusula", "sección", "paragraph")
            else (word,)
        )
    if mark.style in (Style.DECIMAL, Style.ARABIC):
        return ("section",)
    return (mark.style.value,)


def _first_number(label: str) -> str:
    """The outer of 第三章第二节; 附件一 as it is."""
    match = re.match(rf"第{_N}[章编編节節]|제\s*\d+\s*[장절]", label)
    return match[0] if match else label


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    return n


def _same_title(one: str, other: str) -> bool:
    a, b = (re.sub(r"[\s《》「」『』]|[（(].*?[）)]", "", name).lower() for name in (one, other))
    return a == b or (len(a) >= 4 and b.endswith(a))
