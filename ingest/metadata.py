"""What a document says of itself: title, dates, language. Only what is certain; each value with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePosixPath

from ingest.errors import InvalidMetadata
from ingest.numbering import to_int
from ingest.structure import is_table_head
from ingest.types import Draft, Extract, Found
from kb.types import ClauseKind

HEADER_CHARS = 3000  # dates of adoption and effect stand above the first article; the longest we have seen needs 2,100
DATE_FIELDS = frozenset({"effective_from", "effective_to", "published", "review_by"})
_PLAIN_FIELDS = {"title", "authority", "language", "owner", "supersedes", "version", *DATE_FIELDS}

# how people write the fields, in front matter and as lines above the text
_WRITTEN = {
    "effective_from": "施行日期|生效日期|实施日期|生效时间|实施时间|施行时间|施行時間|生效日|施行日|适用日期"
    "|시행일|시행일자|effective date|effective from|effective",
    "effective_to": "失效日期|有效期至|有効期限|effective until|effective to|expires|expiry date",
    "published": "发布日期|公布日期|颁布日期|發布日期|发布时间|制定日|published|publication date|date published",
    "review_by": "复核日期|review by|next review",
    "version": "版本|版本号|version",
    "owner": "负责人|责任部门|owner",
    "supersedes": "supersedes|replaces",
}
_FIELD_NAMES = {name: field for field, names in _WRITTEN.items() for name in names.split("|")}

_NUM = r"[0-9０-９〇○零一二三四五六七八九十]"
_DATE = (
    rf"(?:(?P<y>{_NUM}{{4}})\s*年\s*(?P<m>{_NUM}{{1,3}})\s*月\s*(?P<d>{_NUM}{{1,3}})\s*[日号號]"
    r"|(?P<y2>\d{4})\s*[-./]\s*(?P<m2>\d{1,2})\s*[-./]\s*(?P<d2>\d{1,2})(?!\d)"
    r"|(?P<mon>[A-Z][a-z]{2,8})\.?\s+(?P<d3>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y3>\d{4})"
    r"|(?P<d4>\d{1,2})(?:st|nd|rd|th)?\s+(?P<mon4>[A-Z][a-z]{2,8}),?\s+(?P<y4>\d{4})"
    r"|(?P<y5>\d{4})\s*년\s*(?P<m5>\d{1,2})\s*월\s*(?P<d5>\d{1,2})\s*일)"
)
_ANY_DATE = re.compile(_DATE)
_KIND = "法|条例|规则|规定|办法|规范|细则|解释|协议|政策|标准|条款|决定|通知|公告|制度|服务|批复|说明"
_KIND += "|規則|規約|規章|條款|辦法|條例"
_THIS = rf"(?:本|该|此)?(?:{_KIND})"
_BEGINS = "(?:施行|生效|实施|實施|执行|執行|适用|適用)"
_FROM = (
    re.compile(rf"(?:^|[。；;，,\s]){_THIS}[^。；\n]{{0,12}}?自\s*{_DATE}\s*(?:起|开始)\s*(?:正式)?{_BEGINS}"),
    re.compile(rf"(?:本|この)(?:規約|規程|ポリシー|規則|約款)は、?\s*{_DATE}\s*(?:から|より)(?:施行|適用|効力)"),
    re.compile(
        r"(?:[Tt]his|[Tt]hese)\s+(?:[A-Z]?[\w-]+\s+){1,4}?(?:is|are|takes?|shall take|comes?|becomes?)\s+"
        rf"(?:effect(?:ive)?|into (?:force|effect))\s*(?:on|from|as of)?\s*{_DATE}"
    ),
)
_FROM_LINE = re.compile(
    rf"[（(\s]*(?:自|于|由)?\s*{_DATE}\s*(?:起|开始|から|より)?\s*(?:正式)?(?:{_BEGINS}|適用開始|시행)[）)。．.\s]*$"
)
_FROM_EN_LINE = re.compile(
    rf"[*_(\s]*(?:effective|in force|in effect)(?:\s+(?:date|from|as of|on|since))*\s*[:：]?\s*{_DATE}[*_).\s]*$",
    re.IGNORECASE,
)
_TO = (
    re.compile(rf"(?:^|[。；;，,\s]){_THIS}?[^。；\n]{{0,8}}有效期[^。；\n]{{0,6}}?(?:至|到)\s*{_DATE}"),
    re.compile(rf"(?:[Tt]his|[Tt]hese)\s[^.\n]{{0,60}}(?:until|through|expires? on)\s+{_DATE}"),
)
_ISSUED = re.compile(r"公布|发布|發布|颁布|通过|通過|批准|印发|修订|修正|制定|制訂|改定|公告")
_ISSUED_ON = re.compile(rf"{_DATE}\s*(?:公布|发布|發布|颁布|印发)")
_FIRST_ARTICLE = (ClauseKind.ARTICLE, ClauseKind.ITEM)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def find(extract: Extract, name: str, drafts: Sequence[Draft]) -> dict[str, Found]:
    """The metadata under the names that `kb ingest --set` takes, with `published` and `version`.

    A field (front matter, 【施行日期】…) outranks prose. Raises InvalidMetadata for a field with an impossible date.
    """
    found = dict(_dates_in_prose(extract, name, drafts)) | dict(_fields(extract, drafts))
    if "title" not in found and (title := _title(extract, name)) is not None:
        found["title"] = title
    found.setdefault("language", Found(language(extract.text), "script and common words of the text"))
    return found


def language(text: str) -> str:
    """BCP 47, by script and by what only one language uses often; "und" for too little text."""
    sample = text[:20_000]
    kana = len(re.findall(r"[\u3041-\u30ff]", sample))
    hangul = len(re.findall(r"[\uac00-\ud7a3]", sample))
    hanzi = len(re.findall(r"[\u4e00-\u9fff]", sample))
    latin = len(re.findall(r"[A-Za-zÀ-ÿ]", sample))
    if hangul > 5 and hangul > hanzi and hangul * 3 > latin:
        return "ko"
    if kana > 5 and kana * 8 > hanzi and kana * 3 > latin:
        return "ja"
    if hanzi >= 4 and hanzi * 3 > latin:
        return "zh-Hant" if _count(sample, _TRADITIONAL) > _count(sample, _SIMPLIFIED) else "zh-Hans"
    words = re.findall(r"[a-zà-ÿñ]+", sample.lower())
    if len(words) < 3:
        return "und"
    english = sum(word in _ENGLISH for word in words) / len(words)
    spanish = sum(word in _SPANISH for word in words) / len(words)
    if max(english, spanish) < 0.08:
        return "und"
    return "en" if english >= spanish else "es"


_SIMPLIFIED = frozenset(
    "个这为国对时会来说们发过还后问买卖货费运务单与应规则条实关开业产该经间场证据动当让变样权号销换达际风险标额户"
)
_TRADITIONAL = frozenset(
    "個這為國對時會來說們發過還後問買賣貨費運務單與應規則條實關開業產該經間場證據動當讓變樣權號銷換達際風險標額戶"
)
_ENGLISH = frozenset(
    ("the", "of", "and", "to", "in", "is", "for", "or", "you", "your", "we", "our", "be", "are", "this", "that", "with")
    + ("will", "may", "if", "not", "any", "as", "by", "on", "it", "from", "can")
)
_SPANISH = frozenset(
    ("el", "la", "los", "las", "de", "del", "y", "en", "que", "no", "se", "por", "para", "con", "su", "una", "un", "es")
    + ("al", "si", "como", "más", "o", "lo", "sus", "puede")
)


def parse_date(text: str) -> date | None:
    """The first date in `text`, in any of the forms read here; None for none and for one that no calendar has."""
    match = _ANY_DATE.search(text)
    return _date(match) if match else None


# --- fields ----------------------------------------------------------------------------------------------------


def _fields(extract: Extract, drafts: Sequence[Draft]) -> Iterator[tuple[str, Found]]:
    for key, value, where in [
        *_printed_fields(extract, drafts),
        *((k, v, "front matter") for k, v in extract.fields.items()),
    ]:
        field = key if key.startswith("scope.") else _FIELD_NAMES.get(key.lower(), key)
        if field not in _PLAIN_FIELDS and not field.startswith("scope."):
            continue
        if value:
            yield field, Found(_iso(field, value) if field in DATE_FIELDS else value, f"{where}: {key}: {value}")


def _printed_fields(extract: Extract, drafts: Sequence[Draft]) -> Iterator[tuple[str, str, str]]:
    """Fields printed as lines above the text: 【施行日期】2025-07-04, Effective date: July 1, 2024."""
    for line in _header_lines(extract, drafts):
        match = re.match(
            r"[*_\s>-]*(?:【([^】]{1,20})】|\|?\s*([^：:|]{1,20}?)\s*(?:\*\*)?[：:|])\s*(.{1,80}?)[*_|\s]*$", line
        )
        if match is None:
            continue
        key = re.sub(r"[\s*_]+", " ", match[1] or match[2]).strip()
        field = _FIELD_NAMES.get(key.lower())
        # a sentence that happens to begin with such a word is no field
        if field in DATE_FIELDS and _ANY_DATE.search(match[3]) and len(match[3]) <= 30:
            yield key, match[3].strip(), "header"


def _iso(field: str, value: str) -> str:
    match = _ANY_DATE.search(value)
    found = _date(match) if match else None
    if found is None:
        try:
            found = datetime.fromisoformat(value).date()
        except ValueError:
            remedy = "Correct the date in the document, or give it with --set."
            raise InvalidMetadata(field, value, "a date such as 2024-07-01", remedy) from None
    return found.isoformat()


# --- prose -----------------------------------------------------------------------------------------------------


def _dates_in_prose(extract: Extract, name: str, drafts: Sequence[Draft]) -> Iterator[tuple[str, Found]]:
    header = _header_lines(extract, drafts)
    issued: date | None = None
    for line in header:  # amendments are listed in order: the last line counts
        match = _ISSUED_ON.search(line) or _ANY_DATE.search(line)
        on = _date(match) if match and match.start() < 20 and len(line) < 300 else None
        if on and _ISSUED.search(line) and ("施行" not in line or _ISSUED_ON.search(line)):
            issued = on
            yield "published", Found(on.isoformat(), line[:120])
    in_name = re.search(r"[（(]" + _DATE + r"[）)]", PurePosixPath(name).stem)
    if in_name is not None and (on := _date(in_name)):
        issued = on
        yield "published", Found(on.isoformat(), f"file name: {in_name[0]}")
    last_articles = [extract.text[d.start : d.end] for d in drafts[-3:]]
    for field, patterns in (("effective_from", _FROM), ("effective_to", _TO)):
        for part in (*last_articles, "\n".join(header)):
            for match in filter(None, (pattern.search(part) for pattern in patterns)):
                on = _date(match)
                # an amended law keeps the first version's date in its last article: no date of this version
                if on and not (field == "effective_from" and issued and on < issued):
                    yield field, Found(on.isoformat(), match[0].strip(" 。，；\n"))
    ending = [line.strip() for line in extract.text[-300:].split("\n")[1:]]
    for line in (*ending, *header):
        match = _FROM_LINE.match(line) or _FROM_EN_LINE.match(line)
        if match is not None and (on := _date(match)):
            yield "effective_from", Found(on.isoformat(), line)


def _header_lines(extract: Extract, drafts: Sequence[Draft]) -> list[str]:
    """The lines above the first article; without articles, the first few lines."""
    numbered = [d.start for d in drafts if d.kind in _FIRST_ARTICLE]
    end = min(numbered[0] if numbered else 800, HEADER_CHARS)
    return [line.strip() for line in extract.text[:end].split("\n") if line.strip()]


def _title(extract: Extract, name: str) -> Found | None:
    if extract.title and extract.title.strip():
        return Found(re.sub(r"\s+|[*`]+", " ", extract.title).strip(), "the document's own title")
    stem = PurePosixPath(name).stem
    if name.lower().endswith(".xlsx") and stem:  # the first heading is the name of a sheet, one of several
        return Found(stem, "file name")
    for heading in extract.headings[:1]:
        return Found(extract.text[heading.start : heading.end].strip(), "first heading")
    first_row = extract.rows[0] if extract.rows else None
    for line in extract.text[: min(2000, first_row.start if first_row else 2000)].split("\n"):
        if first_row and line.strip() != first_row.table and is_table_head(line, first_row):
            break  # a bare table has no title
        line = line.strip(" \t\u3000\u200b#*")
        if _FROM_LINE.match(line) or _FROM_EN_LINE.match(line):
            continue
        if line and len(line) <= 80 and not re.search(r"[。；！!;]|[,，.：:]$", line) and not _ANY_DATE.match(line):
            return Found(line, "first line")
        if line:
            break
    return Found(stem, "file name") if stem else None


def _date(match: re.Match[str]) -> date | None:
    g = match.groupdict()
    year, month, day = (
        next((g[k] for k in keys if g.get(k)), None)
        for keys in (("y", "y2", "y3", "y4", "y5"), ("m", "m2", "m5"), ("d", "d2", "d3", "d4", "d5"))
    )
    if month is None and (word := g.get("mon") or g.get("mon4")):
        short = word[:3].lower()
        month = str(_MONTHS.index(short) + 1) if short in _MONTHS else None
    numbers = [to_int(part) if part else None for part in (year, month, day)]
    if None in numbers:
        return None
    try:
        return date(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None


def _count(text: str, characters: frozenset[str]) -> int:
    return sum(c in characters for c in text)
