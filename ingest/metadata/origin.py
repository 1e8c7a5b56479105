"""Where a document comes from and what it ends: its number, who issued and signed it, which documents it replaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.dates import days
from ingest.metadata.history import Act, History
from ingest.metadata.lines import LAST_CLAUSES, Document
from ingest.metadata.statements import SELF, THIS_EN, Statement, quoted
from ingest.types import Found

_REPEAL_CN = re.compile(
    r"(?:同时|同時|同日|即行|一并|相应|自行|随之)?\s*(?:予以)?(?:废止|廢止|失效|作废|停止执行|停止施行)"
)
_TITLED = re.compile(r"《(?:[^《》\n]|《[^《》\n]*》)+》")
_REPLACE_CN = re.compile(rf"(?:{SELF})[^。；;\n《》]{{0,10}}(?:替代|代替|取代|替換)[^。；;\n《]{{0,20}}《")
_REPLACE_EN = re.compile(
    rf"{THIS_EN}[^.;\n]{{0,40}}?\s(?:supersedes?|replaces?|supersede and replace)\s+(?P<what>[^.;\n]{{3,120}})",
    re.IGNORECASE,
)
_REPLACE_ES = re.compile(
    r"\b(?:est[ae]s?|l[ao]s? presentes?)\s[^.;\n]{0,40}?(?:sustituye|reemplaza|deroga)n?\s+(?:a\s+)?(?P<what>[^.;\n]{3,120})",
    re.IGNORECASE,
)

_NUMBER = re.compile(
    r"(?P<n>[\u4e00-\u9fff]{1,12}\s?[〔\[【［(（]\s?(?:19|20)\d{2}\s?[〕\]】］)）]\s?第?\s?\d{1,5}\s?号)"
    r"|(?P<order>[\u4e00-\u9fff]{2,20}?(?:令|公告)\s?[（(]?\s?(?:(?:19|20)\d{2}\s?年\s?)?第\s?[\d一二三四五六七八九十百零〇]{1,6}\s?号)"
    r"|(?P<std>\b(?:GB|GB/T|T/[A-Z]{2,8}|DB\d{2}/T|Q/[A-Z0-9]{2,10}|ISO)[ /]?\d{3,6}(?:\.\d+)?[-—]\d{4})"
)
_BODY = re.compile(  # an authority or a firm at the start of what was done on a day
    r"[\s　]*(?:经|由)?(?:中华人民共和国(?!主席))?(?:第[一二三四五六七八九十]+届)?"
    r"(?P<who>全国人民代表大会(?:常务委员会)?|[\u4e00-\u9fff]{0,18}?(?:国务院|人民法院|人民检察院|委员会|总局|总署|[\u4e00-\u9fff]{2}[部局署厅]"
    r"|办公室|人民政府|银行|公司|集团|平台|商城|协会))"
    r"(?=第|令|公告|审判|检察|批准|通过|发布|公布|颁布|印发|常务|部务|局务|会议|审议|制定|修订|\s|\Z)"
)
_ORG = (
    "有限公司|股份公司|公司|集团|平台|中心|委员会|管理部|事业部|运营部|法务部|客服部|规则部|市场部|办公室|协会|商城|超市|银行|总局|局|部|院|署|厅|有限會社|株式会社|"
    "团队|小组"
)
_SIGNED_BY = re.compile(rf"[\u4e00-\u9fffA-Za-z0-9（）()·&、 ]{{2,40}}(?:{_ORG})[）)]?\Z")
_DAY_LINE_REST = re.compile(r"[\s（(]*(?:[印發发布])*[）)。\s]*\Z")


def number(document: Document, past: History) -> Found | None:
    """国发〔2020〕5号 on a line of its own above the text, or the order that last published the whole text."""
    orders: list[tuple[str, Found]] = []
    for line in document.header:
        if len(line.text) > 160 or "。" in line.text:
            continue
        for match in _NUMBER.finditer(line.text):
            if _inside_title(line.text, match.start()):
                continue
            if match["order"] and any(days(line.text)):
                order = re.sub(r"\s+", "", match[0])
                orders.append((line.text, document.found(order, line.start, line.end)))
            elif match["std"] or match.end() - match.start() > len(line.text) - 12:
                value = match[0] if match["std"] else re.sub(r"\s+", "", match[0])
                return document.found(value, line.start, line.end)
    issued = [e.line for e in past.events if e.act in (Act.PUBLISHED, Act.REWRITTEN)]
    return max(orders, key=lambda order: issued.index(order[0]) if order[0] in issued else -1)[1] if orders else None


def issuer(document: Document, past: History, title: str) -> Found | None:
    """Who published it, else who adopted it, from the dated lines above it; else who speaks in 某某法院关于…的规定."""
    for act in (Act.PUBLISHED, Act.REWRITTEN, Act.ADOPTED):
        for event in past.events:
            if event.act is act and (names := bodies(event.line)):
                at = document.text.find(event.line)
                return document.found("、".join(names), at, at + len(event.line))
    speaker, about, _ = title.partition("关于")
    if about and (names := bodies(speaker)) and "、".join(names) == re.sub(r"\s*[、 　]\s*", "、", speaker.strip()):
        return Found("、".join(names), f"title: {title}")
    return None


def bodies(line: str) -> list[str]:
    """The authorities that a line names where one acts: at its start, behind a date, behind 、."""
    rest = line
    for day in reversed(list(days(line))):
        rest = rest[: day.start] + "、" + rest[day.end :]
    names = []
    for piece in re.split(r"[、（(]", rest):
        if (match := _BODY.match(piece)) is not None and match["who"] not in names:
            names.append(match["who"])
    return names


def signature(document: Document) -> tuple[Found | None, Statement | None]:
    """Who signed at the end, and the day below the name: 某某公司 / 2024年7月1日."""
    lines = document.ending
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        day = next(days(line.text), None)
        if day is None or len(line.text) > 40 or day.value is None:
            continue
        rest = line.text[: day.start].strip(" \t\u3000")
        if not _DAY_LINE_REST.match(line.text[day.end :]):
            continue
        signed = Statement(day.value, document.found(day.iso, line.start, line.end), line.start, day.printed)
        if not rest and i and _SIGNED_BY.match(lines[i - 1].text) and len(lines[i - 1].text) <= 40:
            above = lines[i - 1]
            return document.found(above.text, above.start, above.end), signed
        if rest and _SIGNED_BY.match(rest):
            return document.found(rest, line.start, line.end), signed
    return None, None


def repeals(document: Document) -> tuple[list[str], Found] | None:
    """Titles of the documents that this one says it ends, with the sentence. Repeal of single articles is none."""
    names: list[str] = []
    first: Found | None = None
    parts = [(d.start, d.end) for d in document.drafts[-LAST_CLAUSES:]]
    if document.header:
        parts.insert(0, (0, document.header[-1].end))
    if document.ending:
        parts.append((document.ending[0].start, len(document.text)))
    for start, end in parts:
        for begin, sentence in _sentences(document.text, start, end):
            if (named := _repealed(sentence)) and not quoted(document.text, begin):
                names += [name for name in named if name not in names]
                first = first or document.found("", begin, begin + len(sentence))
    return (names, first) if first is not None else None


def _repealed(sentence: str) -> list[str]:
    repeal = _REPEAL_CN.search(sentence)
    if repeal and (
        "同时" in sentence
        or "同日" in sentence
        or "即行" in sentence
        or "起施行" in sentence
        or "予以" in repeal[0]
        or re.search(r"起\s*(?:予以)?(?:废止|失效)", sentence)
    ):
        head = sentence[: repeal.start()]
        titled = list(_TITLED.finditer(head))
        # 依照《某法》制定的…, 《某法》第三条 name what the sentence leans on; 《新规则》自…起施行 this document
        named = [
            m[0][1:-1]
            for m in titled
            if not re.match(
                r"\s*第[^，,。]{1,8}[条款项章]|[^《》]{0,30}起\s*(?:正式)?(?:施行|生效|实施|执行)", head[m.end() :]
            )
            and not re.search(r"(?:依照|根据|按照|依据|适用|符合|违反)\s*\Z", head[: m.start()])
        ]
        return named
    if (replaces := _REPLACE_CN.search(sentence)) is not None:
        return [m[0][1:-1] for m in _TITLED.finditer(sentence[replaces.end() - 1 :])]
    for pattern in (_REPLACE_EN, _REPLACE_ES):
        if (match := pattern.search(sentence)) is not None:
            what = re.split(
                r",\s*(?:which|and\s+(?:is|are|shall|will))\b|\s+(?:in its entirety|with effect)\b", match["what"]
            )[0]
            return (
                []
                if re.match(
                    r"(?:any|all|it|them|your|the (?:whole|previous|prior|entire)|todas?|todos?|cualquier)\b",
                    what,
                    re.I,
                )
                else [what.strip(" *_,")]
            )
    return []


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    for match in re.finditer(r"[^。\n]+[。]?", text[start:end]):
        yield start + match.start(), match[0]


def _inside_title(text: str, at: int) -> bool:
    return text[:at].count("《") > text[:at].count("》")
