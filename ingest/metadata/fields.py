"""Fields: front matter, lines such as 【施行日期】2025-07-04 or "Effective date: July 1, 2024", tables of a title page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from ingest.dates import Day, days, moment, month
from ingest.metadata.lines import Document, Line
from ingest.types import Found

DATES = frozenset({"effective_from", "effective_to", "published", "adopted", "revised", "review_by"})
MAX_VALUE_CHARS = 60
MAX_LATE_CHARS = 6000  # a summary or a list of contents may stand above "Effective date: …"

# How people name the fields, in front matter and above the text. What names nothing but this is listed: "日期" alone or
# "时间" may be anything, 活动时间 is a campaign's.
_NAMES = {
    "effective_from": "施行日期|启用时间|生效日期|实施日期|执行日期|生效时间|实施时间|施行时间|执行时间|启用日期|生效日|施行日|实施日|适用日期"
    "|实行日期|起始生效日期|規則生效日期|施行時間|實施日期|實施時間|生效時間|執行日期|適用日期|啟用日期|施行期日|適用開始日|発効日"
    "|効力発生日|시행일|시행일자|시행 일자|적용일|발효일|version effective date|effective date|date effective|effective from"
    "|effective as of|effective since|effective on|effective|in force from|in force since|valid from|entry into force"
    "|fecha de entrada en vigor|entrada en vigor|en vigor desde|fecha de vigencia|vigente desde|válido desde",
    "effective_to": "失效日期|失效时间|失效時間|废止日期|有效期至|有效期到|有效期限至|有效期截止|有効期限|만료일|effective until"
    "|effective to|valid until|valid to|valid through|expires on|expires|expiry date|expiry|expiration date|vigente hasta"
    "|válido hasta|fecha de vencimiento",
    "validity": "有效期|有效期限|有效期间|有效期間|执行期限|执行期间|执行期|施行期间|施行期限|实施期间|实施期限|实施期|生效期间|适用期间|适用期限"
    "|适用时间|适用期|试行期|试行期间|有効期間|適用期間|実施期間|유효기간|적용기간|적용 기간|시행기간|validity period|period of validity"
    "|effective period|effective dates|validity|vigencia|periodo de vigencia|período de vigencia",
    "published": "发布日期|公布日期|颁布日期|发文日期|印发日期|发布时间|公布时间|發布日期|發布時間|公布日期|公佈日期|公告日期"
    "|公布日|発行日|공포일|게시일|공고일|published on|published|publication date|date published|issued on|issued|issue date"
    "|date of issue|date issued|release date|posted on|fecha de publicación|publicado el|publicado",
    "adopted": "通过日期|批准日期|制定日期|审批日期|成文日期|通過日期|制定日|제정일|approved on|approval date|date approved"
    "|adopted on|adopted|fecha de aprobación",
    "revised": "修订日期|修改日期|修正日期|更新日期|更新时间|修订时间|最近更新|最近更新日期|最近更新时间|最后更新|最后更新日期"
    "|最后更新时间|最后修改|最后修订|最近修订|上次更新|上次更新日期|本版更新日期|修訂日期|修改日期|更新日期|更新時間|最後更新|改定日|改訂日"
    "|最終更新日|最終改定日|最終改訂日|更新日|개정일|최종 개정일|최종 수정일|수정일|last updated on|last updated|last revised"
    "|last modified|last update|updated on|updated|revised on|revised|revision date|date revised|date of last revision"
    "|última actualización|última modificación|última revisión|fecha de actualización|actualizado el|actualizado",
    "review_by": "复核日期|复审日期|下次复核|下次审核日期|review by|next review|next review date",
    "version": "版本|版本号|版本编号|版次|文件版本|当前版本|版号|版本號|版本編號|バージョン|版数|버전|version number|version no.|version"
    "|ver.|revision|versión",
    "issuer": "发布机构|发布单位|发布部门|发布机关|发布主体|发布方|制定机关|制定机构|制定单位|制定部门|颁布单位|颁布机构|颁布部门|发文机关|发文单位"
    "|发文部门|印发单位|编制部门|编制单位|發布機關|發布單位|發布機構|制定機關|発行者|発行元|制定者|발행기관|발행처|제정기관|issued by"
    "|issuing body|issuing authority|issuer|published by|publisher|emitido por|publicado por|entidad emisora",
    "number": "文号|发文字号|发文号|文件编号|文件号|制度编号|规则编号|文档编号|標準編號|文號|發文字號|文件編號|文書番号|規程番号"
    "|문서번호|문서 번호|document number|document no.|document no|document id|doc. no.|doc no.|policy number|policy no."
    "|reference number|reference no.|número de documento",
    "owner": "负责人|责任部门|责任人|归口部门|归口管理部门|主责部门|負責人|責任部門|담당부서|document owner|policy owner|owner|responsable",
    "title": "文件名称|制度名称|规则名称|文档名称|政策名称|文件标题|文件名稱|規則名稱|文書名|문서명|document title|policy title"
    "|policy name|document name|nombre del documento",
    "repeals": "替代文件|代替文件|废止文件|替代版本|取代文件|替代|代替|取代|supersedes|replaces|sustituye a|reemplaza a",
}
_ALIASES = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_FRONT = {"title", "authority", "language", "owner", "supersedes", *_NAMES}
# in a table or in front matter the word alone is the field's name; before a colon in a line it may be anything
_ALONE = {
    "标题": "title",
    "名称": "title",
    "title": "title",
    "编号": "number",
    "日期": "published",
    "date": "published",
}
_STATUS = dict.fromkeys(("status", "状态", "狀態", "文档状态", "文件状态", "文檔狀態", "文件狀態"), "status")
_FROM_FRONT = {"repeals": "supersedes"}  # what a maintainer writes is meant: it ends what it names


def _loose(name: str) -> str:
    """A name as a pattern that also fits 施 行 日 期."""
    if name.isascii() or " " in name or any("\uac00" <= c <= "\ud7a3" or "à" <= c <= "ÿ" for c in name):
        return re.escape(name).replace(r"\ ", r"\s+")
    return r"[ \u3000]*".join(re.escape(c) for c in name)


_KEY = "(?:" + "|".join(_loose(name) for name in sorted(_ALIASES, key=len, reverse=True)) + ")"
# 【施行日期】…, **Effective date:** …, 发布日期：…　生效日期：… in one line
_FIELD = re.compile(
    rf"(?:^|(?<=[\s|/;；，,、（(*_>•·]))(?:【\s*(?P<boxed>{_KEY})\s*】\s*[:：]?|\[\s*(?P<boxed2>{_KEY})\s*\]\s*[:：]?"
    rf"|(?P<key>{_KEY})\s*(?:[（(][^）)]{{1,12}}[）)])?\s*[*_]{{0,3}}\s*[:：])\s*[*_]{{0,3}}\s*",
    re.IGNORECASE,
)
# 施行日期 2026-10-01: a line that is nothing else
_BARE_FIELD = re.compile(
    rf"[\s*_>#【\[]*(?P<key>{'|'.join(_loose(name) for field in ('effective_from', 'effective_to', 'validity') for name in _NAMES[field].split('|'))})"
    r"[\s*_】\]]+(?P<value>(?:el\s+)?\d[^。]{5,60})",
    re.IGNORECASE,
)
_CUT = re.compile(r"[ \t]{2,}|\u3000|\s\|\s|\t|[|｜；;]|\s/\s|(?<=[^\s])【")
_AROUND_DATE = re.compile(  # what may stand around the date of a field
    r"\s*(?:自|从|從|于|於|由|约|on|from|el|desde el|as of|since)?\s*\Z",
    re.IGNORECASE,
)
_AFTER_DATE = re.compile(
    r"\s*[,，]?\s*(?:[（(]?(?:星期|周|週|禮拜|礼拜)[一二三四五六日天][）)]?|[（(][月火水木金土日](?:曜日?)?[）)]|[（(][월화수목금토일](?:요일)?[）)]"
    r"|[（(]?(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?[）)]?)?"
    r"\s*[（(]?(?:北京时间)?\s*(?:凌晨|早上|上午|中午|下午|傍晚|晚上|晚|午前|午後)?\s*(?:T?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\s*[ap]m)?"
    r"|(?:[零〇一二两三四五六七八九十]{1,3}|\d{1,2})\s?[时時点點](?:整|\d{1,2}分|半)?)?\s*(?:UTC|GMT|CST|[（(]?北京时间[）)]?)?"
    r"\s*(?:之日)?起?\s*(?:正式)?(?:施行|生效|实施|执行|實施|執行|から|より|부터)?\s*(?:[（(][^）)]{1,20}[）)])?[\s。.，,；;*_）)】|]*\Z",
    re.IGNORECASE,
)
_DASH = re.compile(
    r"\s*(?:之?日?起)?\s*(?:至|到|[-–—~～〜]{1,2}|\b(?:to|until|through)\b|\b(?:hasta|al)\b(?:\s+el\b)?|から|부터)\s*",
    re.IGNORECASE,
)
_STOP = re.compile(r"^(?P<clock>.*?)\s*(?:为?止|まで|까지)")
_MONTH_DAY = re.compile(
    r"\s*(?:(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日号號일]?|(?P<m2>\d{1,2})[./-](?P<d2>\d{1,2}))(?![\d./-])"
)
_SHORT_YEAR = re.compile(r"(?<!\d)[2-4]\d(?=\s*年\s*\d{1,2}\s*月)")
_NO_YEAR = re.compile(r"(?:自|从)?\s*(?:\d{1,2}\s*月\s*\d{1,2}\s*[日号號]|\d{1,2}[./]\d{1,2})(?![\d./])[^\n]{0,24}")
_NAMES_NO_YEAR = "names no year"
_FOR_EVER = re.compile(r"长期|永久|長期|无限期|無期限|indefinite|no expiry|permanent", re.IGNORECASE)
_NOTHING = re.compile(r"[-—–/\\]*|无|無|n/?a|none|null|tbd|待定|暂无", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """A named value as printed, with where it stands."""

    field: str
    value: str  # an ISO date for date fields; "" for a date that cannot be told
    found: Found
    problem: str = ""  # why a date cannot be told


def of_front_matter(document: Document) -> Iterator[tuple[str, str, str]]:
    """(field, value, key as written) of the front matter, for the names that mean something here."""
    for key, value in document.extract.fields.items():
        name = key.strip().lower()
        field = key if key.startswith("scope.") else name if name in _FRONT else _STATUS.get(name) or _ALIASES.get(name)
        if field is not None and value:
            yield _FROM_FRONT.get(field, field), value, key
        elif name == "draft" and value.lower() in ("true", "yes"):  # as site generators have it
            yield "status", "draft", key


def misspelt(document: Document) -> Iterator[tuple[str, str]]:
    """(name as written, the name it is nearly) of front matter that nothing reads: effective_form."""
    for key in document.extract.fields:
        name = key.strip().lower()
        known = name.startswith("scope.") or name in _FRONT or name in _STATUS or name in _ALIASES or name == "draft"
        if not known and (near := get_close_matches(name, sorted(_FRONT), 1, 0.85)):
            yield key, near[0]


def printed(document: Document) -> Iterator[Field]:
    """Fields above the text and at its end, in the order in which they stand."""
    lines = document.edges
    rows = _table_fields(document, lines)
    taken: set[int] = set()
    for line, key, value, start in rows:
        taken.add(line.start)
        yield from _fields(document, key, value, start, start + len(value), line)
    for i, line in enumerate(lines):
        if line.start in taken or len(line.text) > 300:
            continue
        yield from _line_fields(document, line, lines[i + 1] if i + 1 < len(lines) else None)
    yield from _late_fields(document, {line.start for line in lines})


def _late_fields(document: Document, seen: Set[int]) -> Iterator[Field]:
    """Dates below a summary, above the first article: lines that are one field and nothing else."""
    until = MAX_LATE_CHARS if document.first_article is None else min(MAX_LATE_CHARS, document.first_article)
    for line in document.lines:
        if line.start >= until:
            return
        if line.start in seen or len(line.text) > MAX_VALUE_CHARS:
            continue
        yield from (one for one in _line_fields(document, line, None) if one.field == "effective_from")


def _line_fields(document: Document, line: Line, below: Line | None) -> Iterator[Field]:
    if bare := _BARE_FIELD.fullmatch(line.text):
        yield from _fields(document, bare["key"], bare["value"], line.start, line.end, line)
        return
    matches = list(_FIELD.finditer(line.text))
    for i, match in enumerate(matches):
        stop = matches[i + 1].start() if i + 1 < len(matches) else len(line.text)
        if (
            i == 0
            and re.search(r"[^\s*_>|•·【\[（(#-]", line.text[: match.start()])
            and not re.search(r"[\s|;；，,、/]$", line.text[: match.start()])
        ):
            continue
        raw = line.text[match.end() : stop]
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", raw)  # a link in Markdown
        cut = _CUT.search(words)
        value = (words[: cut.start()] if cut else words).strip(" \t\u3000*_|>，,；;、（(【[/")
        key = match["boxed"] or match["boxed2"] or match["key"]
        start = line.start + match.start()
        if not value and below is not None and not _FIELD.search(below.text) and len(matches) == 1:
            if match.end() >= len(line.text.rstrip("*_ ")) and len(below.text) <= MAX_VALUE_CHARS:
                yield from _fields(document, key, below.text.strip("*_ "), start, line.end, line, split=below)
            continue
        if "。" in value[:-1] or len(value) > MAX_VALUE_CHARS:
            continue  # a sentence that begins with such a word is no field
        yield from _fields(document, key, value, start, line.start + match.end() + len(raw.rstrip()), line)


def _table_fields(document: Document, lines: Sequence[Line]) -> list[tuple[Line, str, str, int]]:
    """Rows of a table on the title page: name | value (once or twice in a row), or names above one row of values."""
    found: list[tuple[Line, str, str, int]] = []
    cells = {line.start: _cells(line) for line in lines if "|" in line.text}
    below: Sequence[tuple[str, int]] | None = None  # the names that stand above
    for i, line in enumerate(lines):
        row = cells.get(line.start)
        if row is None:
            below = None
            continue
        if all(re.fullmatch(r"[-:\s]*", text) for text, _ in row):
            continue  # Markdown's rule under a header
        named = [_alias(text) for text, _ in row]
        if below is not None and len(below) == len(row):
            last = i + 1 == len(lines) or lines[i + 1].start not in cells
            if last:  # with several rows it is a table of its own
                found += [(line, key, value, at) for (key, _), (value, at) in zip(below, row, strict=True)]
            below = None
            continue
        below = None
        if len(row) > 1 and all(named):
            below = row
        elif len(row) in (2, 4) and named[0] and not named[1]:
            pairs = [(0, 1)] if len(row) == 2 else [(0, 1), (2, 3)]
            found += [(line, row[k][0], row[v][0], row[v][1]) for k, v in pairs if _alias(row[k][0])]
    return found


def _cells(line: Line) -> list[tuple[str, int]]:
    cells, at = [], 0
    for piece in re.split(r"(?<!\\)\|", line.text):
        text = piece.strip()
        if text:
            cells.append((text.strip("*_ "), line.start + at + piece.index(text)))
        at += len(piece) + 1
    return cells


def _alias(name: str) -> str | None:
    name = re.sub(r"[\s*_:：]+", " ", name).strip().lower()
    return _ALIASES.get(name) or _ALIASES.get(name.replace(" ", "")) or _ALONE.get(name)


def _fields(
    document: Document, key: str, value: str, start: int, end: int, line: Line, split: Line | None = None
) -> Iterator[Field]:
    field = _alias(key)
    if field is None or not value or _NOTHING.fullmatch(value):
        return
    found = (
        document.found("", max(start, line.start), min(end, line.end))
        if split is None
        else document.found("", split.start, split.end)
    )
    if split is None and line.text.count("|"):
        found = Found("", f"table on {document.place(line.start)}: {document.quote(line.start, line.end)}")
    if field == "validity":
        yield from _validity(value, found)
    elif field in DATES:
        yield from _date_field(field, value, found)
    elif field == "title" and len(value) > 1 or field != "title" and not days_only(value):
        yield Field(field, value.strip("《》") if field == "title" else value, Found(value, found.evidence))


def days_only(value: str) -> bool:
    """Whether a value is a date and nothing else: 版本 | 2024-07-01 names a date column, not a version."""
    day = next(days(value, compact=False), None)
    return day is not None and not re.search(r"\w", value[: day.start] + value[day.end :])


def _date_field(field: str, value: str, found: Found) -> Iterator[Field]:
    if _FOR_EVER.search(value):
        yield Field("for_ever", value, found)
        return
    if field == "effective_from" and (span := _span(value)) is not None:
        yield from _both(span, found)
        return
    value = _with_century(value)
    all_days = list(days(value, compact=True))
    day = all_days[0] if all_days else None
    if day is None:
        if field in ("published", "adopted", "revised") and (only := month(value)) and len(value) < len(only[1]) + 4:
            yield Field(field, only[0], Found(only[0], found.evidence))
        elif field in ("effective_from", "effective_to") and _NO_YEAR.fullmatch(value):
            yield Field(field, "", found, _NAMES_NO_YEAR)
        return
    if len(all_days) > 1 or not _stands_alone(value, day):
        return  # "生效时间：2024年7月1日前下单的用户…" speaks of something else
    iso = day.iso
    if field in ("effective_from", "effective_to"):
        iso = moment(day, value[day.end :], until=field == "effective_to")
    yield Field(field, iso, Found(iso, found.evidence), _problem(day))


def _validity(value: str, found: Found) -> Iterator[Field]:
    if _FOR_EVER.search(value):
        yield Field("for_ever", value, found)
        return
    if (span := _span(value)) is not None:
        yield from _both(span, found)
        return
    value = _with_century(value)
    both = list(days(value, compact=True))
    if len(both) == 1 and re.match(r"\s*(?:至|到|until|to|hasta)\s*", value[: both[0].end], re.IGNORECASE):
        iso = moment(both[0], value[both[0].end :], until=True)
        yield Field("effective_to", iso, Found(iso, found.evidence), _problem(both[0]))
    elif not both and _NO_YEAR.fullmatch(value):
        yield Field("effective_from", "", found, _NAMES_NO_YEAR)


def _span(value: str) -> tuple[tuple[Day, str], tuple[Day, str]] | None:
    """The two days of 2026.10.1-12.31, each with what stands behind it; None for anything else.

    The second one may leave its year out: it is the next such day.
    """
    value = _with_century(value.strip())
    dash = next((dash for dash in _DASH.finditer(value) if _two_days(value, dash)), None)
    if dash is None:
        return None
    first, last = value[: dash.start()], value[dash.end() :]
    begins = next(days(first, compact=True))
    ends = next(days(last, compact=True), None) or _without_year(last, begins)
    assert ends is not None  # or there are not two days
    return (begins, first[begins.end :]), (ends, last[ends.end :])


def _two_days(value: str, dash: re.Match[str]) -> bool:
    """Whether there is one day on either side of a dash, and little else."""
    first, last = value[: dash.start()], value[dash.end() :]
    begins, ends = list(days(first, compact=True)), list(days(last, compact=True))
    if len(begins) != 1 or len(ends) > 1 or not _stands_alone(first, begins[0]):
        return False
    end = ends[0] if ends else _without_year(last, begins[0])
    return end is not None and bool(
        _AROUND_DATE.match(last[: end.start]) and _AFTER_DATE.match(_STOP.sub("", last[end.end :]))
    )


def _without_year(text: str, first: Day) -> Day | None:
    match = _MONTH_DAY.match(text)
    if match is None or first.value is None:
        return None
    month_, day = (int(match["m"] or match["m2"]), int(match["d"] or match["d2"]))
    year = first.value.year + ((month_, day) < (first.value.month, first.value.day))
    try:
        value = date(year, month_, day)
    except ValueError:
        value = None
    return Day(match.start(), match.end(), match[0], value)


def _both(span: tuple[tuple[Day, str], tuple[Day, str]], found: Found) -> Iterator[Field]:
    for field, (day, after) in zip(("effective_from", "effective_to"), span, strict=True):
        iso = moment(day, after, until=field == "effective_to")
        yield Field(field, iso, Found(iso, found.evidence), _problem(day))


def _with_century(value: str) -> str:
    """26年10月1日 in a field for a date is of this century."""
    return _SHORT_YEAR.sub(r"20\g<0>", value)


def _stands_alone(value: str, day: Day) -> bool:
    return bool(_AROUND_DATE.match(value[: day.start]) and _AFTER_DATE.match(value[day.end :]))


def _problem(day: Day) -> str:
    if day.value is not None:
        return ""
    return "can be read as two different days" if day.ambiguous else "is no date of the calendar"
