"""What a key says beside the document's name: the date, or the number, of one of its versions.

`退货规则_20250301.docx`, `returns-v2.md`, `2025-01/returns.md`, `abuse__index__2020-03-27_532591e.md`. A period
(20240501-20240507, 2024Q1, 2024年度) is what a text is about and no mark of its version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import PurePosixPath

from ingest.numbering import to_int

UNMARKED = (0,)


@dataclass(frozen=True, slots=True)
class Name:
    """A key taken apart."""

    series: str  # the key without its marks
    stem: str  # and without the ending of the file's format
    moment: date | datetime | None = None  # a month's or a year's first day, where no day is named
    exact: bool = False  # the moment is a day or a minute
    revision: tuple[int, ...] = UNMARKED  # v2.1: (2, 1)
    in_words: bool = False  # 修订版, （试行）: it says that there is another one, and not which

    @property
    def marked(self) -> bool:
        return self.moment is not None or self.revision != UNMARKED


@lru_cache(maxsize=65536)
def read(key: str) -> Name:
    """The key as its versions share it, and what tells this one from the others. The file's own marks count more
    than its folders'."""
    *folders, file = _NESTED.sub(lambda match: "-".join(filter(None, match.groups())), key).split("/")
    suffix = PurePosixPath(file).suffix
    suffix = "" if any(c.isdigit() for c in suffix) and not _KNOWN_SUFFIX.fullmatch(suffix) else suffix
    parts = [_part(folder) for folder in folders] + [_part(file.removesuffix(suffix))]
    if "\0" in key or all(part.moment is None and part.revision == UNMARKED for part in parts):
        return Name(key, key.removesuffix(suffix))
    kept = [part.rest for part in parts[:-1] if part.rest]
    stem = "/".join([*kept, parts[-1].rest or "*"])
    dated = next((part for part in reversed(parts) if part.moment is not None), None)
    revised = next((part for part in reversed(parts) if part.revision != UNMARKED), None)
    return Name(
        stem + suffix,
        stem,
        dated.moment if dated else None,
        dated.exact if dated else False,
        revised.revision if revised else UNMARKED,
        revised.in_words if revised else False,
    )


def clause_id(key: str, path: Sequence[str], turn: int) -> str:
    """`turn`: which of the clauses with this path it is, counted from 1."""
    identity = json.dumps([key, list(path), turn], ensure_ascii=False)
    return "c-" + hashlib.sha256(identity.encode()).hexdigest()[:12]


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """For sorting: 10 stands behind 9. A commit's number is text, with or without a letter in it."""
    runs = re.split(r"((?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])|\d+)", text)
    return tuple((1, int(run)) if run.isdecimal() and len(run) < 7 else (0, run) for run in runs if run)


# --- one part of a path -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    rest: str
    moment: date | datetime | None = None
    exact: bool = False
    revision: tuple[int, ...] = UNMARKED
    in_words: bool = False


@dataclass(frozen=True, slots=True)
class _Dated:
    start: int
    end: int
    moment: date | datetime
    exact: bool


_NESTED = re.compile(  # 2024/03/returns.md, 2024/03/15/returns.md: one folder
    r"(?:(?<=/)|\A)((?:19|20|21)\d\d)/(0[1-9]|1[0-2])(?:/(0[1-9]|[12]\d|3[01]))?(?=/)"
)
_KNOWN_SUFFIX = re.compile(r"\.[A-Za-z]\w{1,4}|\.7z|\.mp[34]")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3010: 0x5B, 0x3011: 0x5D}
_Y = r"(?:19|20|21)\d\d"
_M, _MM = "(?:1[0-2]|0?[1-9])", "(?:1[0-2]|0[1-9])"
_D, _DD = r"(?:3[01]|[12]\d|0?[1-9])", r"(?:3[01]|[12]\d|0[1-9])"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_CHANGED = "修订|修訂|修正|修改|更新|改訂|改定"
_TIME = (
    r"(?:(?:t|[ _-]t?)(?P<h{0}>[01]\d|2[0-3])[-:.h]?(?P<i{0}>[0-5]\d)[-:.m]?[0-5]\ds?(?![\da-z])"
    r"|t(?P<h2{0}>[01]\d|2[0-3])[-:.h]?(?P<i2{0}>[0-5]\d)(?![\da-z]))?"
)
_DATE = re.compile(
    "|".join(
        (
            rf"(?<!\d)(?P<ya>{_Y})\s?年\s?(?P<ma>{_M})\s?月\s?(?P<da>{_D})\s?[日号]",
            rf"(?<!\d)(?:(?<![a-z])v)?(?P<yb>{_Y})(?P<s>[-./_ ])(?P<mb>{_M})(?P=s)(?P<db>{_D})(?!\d)"
            + _TIME.format("b"),
            rf"(?<!\d)(?:(?<![a-z])v)?(?P<yc>{_Y})(?P<mc>{_MM})(?P<dc>{_DD})(?:(?!\d)" + _TIME.format("c"),
        )
    )
    + r"|(?P<h3c>[01]\d|2[0-3])(?P<i3c>[0-5]\d)(?:[0-5]\d)?(?!\d))|"
    + "|".join(
        (
            rf"(?<!\d)(?P<yd>{_Y})\s?年\s?(?P<md>{_M})\s?月份?版?(?!\s?\d)",
            rf"(?<!\d)(?:(?<![a-z])v)?(?P<ye>{_Y})[-._](?P<me>{_MM}|[1-9])(?![\da-z])",
            rf"(?<![\da-z])(?P<yf>{_Y})(?P<mf>{_MM})(?!\d)",
            rf"(?<![\da-z])(?:(?P<dg>{_D})(?:st|nd|rd|th)?[ ._-])?(?P<ng>{_NAMED})[ ._,-]{{1,2}}(?P<yg>{_Y})(?!\d)",
            rf"(?<![\da-z])(?P<nh>{_NAMED})[ ._-](?P<dh>{_D})(?:st|nd|rd|th)?[ ._,-]{{1,2}}(?P<yh>{_Y})(?!\d)",
            rf"(?<![\da-z])(?P<yi>{_Y})\s?年?(?:第[一二三四五六七八九十\d]次)?(?:(?:{_CHANGED})[版本]?|[版本](?!权|本))(?!稿)",
        )
    )
)
_OTHER_END = re.compile(  # what makes a period of a date before it
    rf"[\s_]*(?:[-–—~]|至|到|to)[\s_]*(?:{_M}[-./月]{_D}日?|{_MM}{_DD}|{_D}日)(?![\da-z])"
)
_HASH = re.compile(r"[-_. ](?P<hash>[0-9a-f]{7,40})(?![0-9a-z])")
_NO_YEAR_OF_A_VERSION = (
    r"(?![\s_-]*(?:[qh][1-4]|[1-4]q|年?度|年?第?[一二三四1-4]季|年?[上下]半年|[财学]年|款|年款|年?[届级春夏秋冬]|年?(?:\d|双|週|周|第)|spring|summer"
    r"|fall|autumn|winter|model|my\b))"
)
_YEAR = re.compile(
    "|".join(
        (
            rf"[(\[]\s?(?P<a>{_Y})\s?年?\s?[)\]]",
            rf"\A(?P<b>{_Y})(?:年|(?=[\s_.\-\0])|\Z){_NO_YEAR_OF_A_VERSION}",
            rf"(?:[\s_.-]|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]))(?<!\d[-–—~])(?P<c>{_Y})年?(?=[\s_.\-\0]*\Z)",
        )
    )
)
_END = r"(?=[\s_.\-\0()\[\]]*\Z)"
_REVISION = re.compile(
    rf"[(\[]?\s?(?<![a-z\d])(?:v|ver|version|rev|revision|edition)[\s._-]?(?P<n>\d{{1,3}}(?:\.\d{{1,3}}){{0,3}})\s?[)\]]?{_END}"
    rf"|[(\[]?第(?P<han>[一二三四五六七八九十\d]{{1,3}})(?:版|次(?:{_CHANGED})[版本]?)\s?[)\]]?{_END}"
    rf"|(?P<first>初版|试行版|暂行版|[(\[]\s?(?:试行|試行|暂行|暫行)\s?[)\]]){_END}"
    rf"|(?P<words>[(\[]?\s?(?:{_CHANGED})[版本]\s?[)\]]?|[(\[]\s?(?:{_CHANGED})\s?[)\]]){_END}"
)
_EDGE = " \t_-.·・,，"


def _part(part: str) -> _Part:
    # One character for one, so that places in the one are places in the other.
    plain = part.translate(_NARROW)
    plain = plain.lower() if len(plain.lower()) == len(plain) else plain
    found = list(_dates(plain))
    if any(_is_period(plain, one, after) for one, after in zip(found, [*found[1:], None], strict=False)):
        return _Part(part)
    spans = [(one.start, one.end) for one in found]
    moment, exact = (found[-1].moment, found[-1].exact) if found else (None, False)
    if found and (mark := _HASH.match(plain, found[-1].end)) and _is_hash(mark["hash"]):
        spans.append(mark.span())
    if not found and (year := _YEAR.search(plain)):
        moment = date(int(year["a"] or year["b"] or year["c"]), 1, 1)
        spans.append(year.span())
    blanked = _blanked(plain, spans)
    revision: tuple[int, ...] = UNMARKED
    in_words = False
    if match := _REVISION.search(blanked):
        spans.append(match.span())
        in_words = bool(match["first"] or match["words"])
        if match["n"]:
            revision = tuple(map(int, match["n"].split(".")))
        else:
            revision = (-1,) if match["first"] else (to_int(match["han"]) or 1,) if match["han"] else (1,)
    return _Part(_rest(part, spans), moment, exact, revision, in_words)


def _dates(plain: str) -> Iterator[_Dated]:
    for match in _DATE.finditer(plain):
        groups = {key: value for key, value in match.groupdict().items() if value}

        def one(letter: str, groups: dict[str, str] = groups) -> str | None:
            return next((value for key, value in groups.items() if key[0] == letter), None)

        month = _MONTHS.index(named[:3]) + 1 if (named := one("n")) else int(one("m") or 1)
        try:
            day = date(int(one("y") or 0), month, int(one("d") or 1))
        except ValueError:  # 2024-02-30
            continue
        hour = one("h")
        moment = datetime(day.year, day.month, day.day, int(hour), int(one("i") or 0)) if hour else day
        yield _Dated(match.start(), match.end(), moment, one("d") is not None)


def _is_period(plain: str, one: _Dated, after: _Dated | None) -> bool:
    if after is not None and not plain[one.end : after.start].strip(" _-–—~.至到to"):
        return True
    return bool(_OTHER_END.match(plain, one.end))


def _is_hash(text: str) -> bool:
    """Whether it can be a commit's: a number of eight digits may be a date."""
    return not (len(text) == 8 and text.isdecimal())


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _rest(part: str, spans: Sequence[tuple[int, int]]) -> str:
    """What is left of a part without its marks, the brackets around them and the signs that set them apart."""
    text = re.sub(r"[（(\[【]\s*\0+\s*[）)\]】]", lambda match: "\0" * len(match[0]), _blanked(part, spans))
    pieces = re.split(r"\0+", text)
    left = pieces[0].rstrip(_EDGE) if len(pieces) > 1 else pieces[0]
    for number, piece in enumerate(pieces[1:], 2):
        last = number == len(pieces)
        bare = piece.lstrip(_EDGE) if last else piece.strip(_EDGE)
        apart = piece[: len(piece) - len(piece.lstrip(_EDGE))]
        left = left + (apart if left and bare else "") + bare
    return left
