"""How a text came about: lines such as 2015年4月24日 … 修订 above it, each with what was done on its day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ingest.dates import Day, days
from ingest.metadata.lines import Document, Line
from ingest.types import Found

SAME_MAKING = timedelta(days=366)  # a text is adopted and published within a year; what is adopted later changes it


class Act(StrEnum):
    """What was done on a day."""

    ADOPTED = "adopted"  # 通过, 批准, 制定
    PUBLISHED = "published"  # 公布, 发布, 令
    AMENDED = "amended"  # 修正, and 修订 by a decision that changes some articles
    REWRITTEN = "rewritten"  # 修订: the whole text adopted anew
    IN_FORCE = "in_force"  # 施行


@dataclass(frozen=True, slots=True)
class Event:
    act: Act
    day: date
    found: Found
    line: str


@dataclass(frozen=True, slots=True)
class History:
    """The events above a text in the order of their days."""

    events: tuple[Event, ...] = ()
    impossible: tuple[Found, ...] = ()  # dated lines with a day that no calendar has

    @property
    def made(self) -> date | None:
        """When the whole text was last adopted or published."""
        rewritten = [e.day for e in self.events if e.act is Act.REWRITTEN]
        issued = [e.day for e in self.events if e.act in (Act.ADOPTED, Act.PUBLISHED)]
        start = max(rewritten) if rewritten else min(issued, default=None)
        if start is None:
            return None
        return max((day for day in issued if start <= day <= start + SAME_MAKING), default=start)

    @property
    def changed(self) -> Event | None:
        """The last change of single articles after the whole text was made."""
        made = self.made
        later = [
            e
            for e in self.events
            if (e.act is Act.AMENDED and (made is None or e.day > made))
            or (e.act in (Act.ADOPTED, Act.PUBLISHED) and made is not None and e.day > made)
        ]
        return max(later, key=lambda e: e.day, default=None)

    def last(self, *acts: Act) -> Event | None:
        return max((e for e in self.events if e.act in acts), key=lambda e: e.day, default=None)

    def first(self, *acts: Act) -> Event | None:
        return min((e for e in self.events if e.act in acts), key=lambda e: e.day, default=None)


# the first of these words behind a date, quoted titles taken out, says what was done
_ACT = re.compile(
    r"(?P<rewritten>(?:第[一二三四五六七八九十\d]+次)?(?:修订|修訂|全面修订|全部改正|전부개정|全文改正))"
    r"|(?P<amended>通过的《[^》]*修正案》|修正|修改|改定|改訂|改正|一部改正|개정|更新|revised|amended|updated|modified)"
    r"|(?P<adopted>通过|通過|批准|核准|制定|制訂|议定|제정|adopted|approved)"
    r"|(?P<published>公布|发布|發布|公佈|颁布|頒布|印发|印發|公告|刊登|令第(?![^，,；;]{0,14}修[订正])|공포|published|issued)"
    r"|(?P<in_force>施行|生效|实施|實施|执行|執行|起用|启用|適用開始|시행|발효|effective|in force)",
    re.IGNORECASE,
)
_ALSO_IN_FORCE = re.compile(r"(?:公布|发布|發布|颁布|印发|公告)(?:并|之日起|後|后)?(?:施行|实施|實施|执行|生效)")
_BEFORE_FIRST = re.compile(
    r"[（(【\[\s]*(?:根据|依据|經|经|于|自|自从|从|由|The\s|Last\s|First\s|Originally\s)?\s*\Z", re.IGNORECASE
)
_WHO = re.compile(r"[^。；;：:]{0,40}\Z")
_NOT_ON = re.compile(
    r"\s*(?:之?前|之?[后後](?![公发])|以[前后後来]|至|到|[-~—～〜]|起(?!\s*(?:正式)?(?:施行|生效|实施|執行|执行)))"
)
_REST = re.compile(  # what may follow the word: its object would make the line a sentence
    r"(?:《 *》|[\s，,。；;、：:）)】\]〕〔（(*_|]|[\d一二三四五六七八九十百零〇]|根据|自|并|起|之日|由|经|现予|现|予以|公[布告]|发布|[施实執执]行|实施"
    r"|生效|正式|通过|第|号|次|修[正订改]|令|日|版|稿|年|月|を|し|から|より|施行)*\Z"
)
_DECISION = re.compile(r"的决定|的決定|修正案|号文|号令")
_QUOTED = re.compile(r"《(?:[^《》]|《[^《》]*》)*》|〈[^〉]*〉|<[^>]*>")


def read(document: Document) -> History:
    """The dated lines above the text, and of its end those that state nothing but what was done."""
    events: list[Event] = []
    impossible: list[Found] = []
    for line, nexts in _with_next(document):
        for act, day, found in _events(document, line, nexts):
            if day.value is None:
                if not day.ambiguous:
                    impossible.append(found)
            else:
                events.append(Event(act, day.value, found, line.text))
    unique = {(e.act, e.day): e for e in reversed(events)}
    return History(tuple(sorted(unique.values(), key=lambda e: (e.day, e.act))), tuple(impossible))


def _with_next(document: Document) -> Iterator[tuple[Line, Line | None]]:
    lines = document.edges
    for i, line in enumerate(lines):
        yield line, lines[i + 1] if i + 1 < len(lines) else None


def _events(document: Document, line: Line, below: Line | None) -> Iterator[tuple[Act, Day, Found]]:
    text = line.text
    if len(text) > 1200 or "|" in text:
        return
    if text.count("《") > text.count("》") and below is not None:  # a title broken over two lines
        text = document.text[line.start : below.end]
    found = list(days(text))
    if not found or not _is_record(text, found):
        return
    open_days: list[Day] = []
    for i, day in enumerate(found):
        stop = found[i + 1].start if i + 1 < len(found) else len(text)
        said = text[day.end : stop]
        if _inside_quotes(text, day.start) or _NOT_ON.match(said):
            continue
        what = _QUOTED.sub(lambda m: "《…修正案》" if "修正案" in m[0] else "《》" + " " * (len(m[0]) - 2), said)
        match = _ACT.search(what[:400])
        if match is None:
            if re.search(r"[、，,和及]\s*\Z|次会议[、，]", said):
                open_days.append(day)  # 2004年11月2日…会议、2004年11月11日…会议通过
            continue
        if not _REST.match(what[match.end() :]):
            continue
        act = Act(str(match.lastgroup))
        if act is Act.IN_FORCE and i == 0 and not _BEFORE_FIRST.match(text[: day.start]):
            continue  # a sentence about something that is named before the date
        if match.lastgroup == "amended" and match[0].startswith("通过的"):
            act = Act.AMENDED
        if act is Act.REWRITTEN and (_DECISION.search(said[: match.start() + 6]) or "《》" in what[: match.start()]):
            act = Act.AMENDED
        for one in [*open_days, day]:
            yield (
                act,
                one,
                document.found(one.iso, line.start + one.start, line.start + one.start + len(one.printed) + 80),
            )
        open_days = []
        if act is not Act.IN_FORCE and _ALSO_IN_FORCE.search(what):
            yield Act.IN_FORCE, day, document.found(day.iso, line.start + day.start, line.start + stop)


def _is_record(text: str, found: list[Day]) -> bool:
    """Whether a line records what was done, and is no sentence of the rules."""
    first = text[: found[0].start]
    if "。" in text.rstrip("。） )") or re.search(r"[：:]\s*\Z", text):
        return False
    if _BEFORE_FIRST.match(first):
        return len(text) < 300 or first.strip("（(【[ ") in ("", "根据")
    bracketed = text[0] in "（(【[" and text.rstrip("。").endswith(("）", ")", "】", "]"))
    if bracketed:
        return True
    tail = text[found[-1].end :]
    return (
        len(text) <= 120
        and len(tail) <= 30
        and bool(_WHO.match(first))
        and not re.search(r"[，,]\s*\Z|前|后|之日|以来|截至|截止|至\s*\Z|到\s*\Z", first[-6:])
        and bool(_ACT.search(tail))
        and not re.search(r"的[^，,。]|前|后(?!生效)|时", tail)
    )


def _inside_quotes(text: str, at: int) -> bool:
    before = text[:at]
    return before.count("《") > before.count("》") or before.count("“") > before.count("”")
