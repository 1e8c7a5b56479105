"""Questions to begin with, drawn from the base itself: each was put to it and is answered by the clause it came from."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator

from assistant.types import AnswerStatus, Request
from kb.types import ClauseKind, Hit
from ui.types import Assistant
from ui.web.wording import LANGUAGES, words_for

SHOWN = 3
SURE = 0.7  # an example is to be one that the base answers well
TRIED = 24  # questions put to the base at most, a tenth of a second each
LOOKED_AT = 60  # clauses that a search for examples looks at
MAX_CHARS = 40

# What customers ask about in every shop; what is found by it is asked, not this.
_SOUNDINGS = ("怎么申请，多久能到账？", "可以退换吗，费用谁承担？", "how long does it take, and who pays?")
_ASKS = re.compile(r"[?？]\s*$")
_ASKED_BY = re.compile(r"^\s*(?:问|Q|Question)\s*[:：]\s*", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^\s*(?:第[^\s章节编条]{1,6}[章节编条]|[\d.]+|[一二三四五六七八九十]+、|[（(][^)）]{1,4}[)）])\s*"
)
_NO_TOPIC = re.compile(r"总则|附则|通则|其他|定义|目的|范围|general|definition|miscellan|scope|purpose", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Examples:
    """Call it for the examples of the snapshot that answers; it looks for them in the background, once a snapshot."""

    def __init__(self, assistant: Assistant) -> None:
        """`assistant`: one that keeps no log, since nobody asked these questions."""
        self._assistant = assistant
        self._lock = threading.Lock()
        self._looked_at: str | None = None
        self._found: tuple[str, tuple[str, ...]] = ("", ())

    def __call__(self) -> tuple[str, ...]:
        """Empty while they are looked for, and where none was found."""
        snapshot = self._assistant.snapshot
        with self._lock:
            if snapshot and self._looked_at != snapshot:
                self._looked_at = snapshot
                threading.Thread(target=self._look, args=(snapshot,), daemon=True).start()
        of, found = self._found
        return found if of == snapshot else ()

    def _look(self, snapshot: str) -> None:
        try:
            self._found = (snapshot, find(self._assistant))
        except Exception as failure:  # a comfort, not a need
            _log.error("No examples were found: %s", type(failure).__name__)


def find(assistant: Assistant) -> tuple[str, ...]:
    """Questions that the base answers now, of documents that differ."""
    found: dict[str, str] = {}
    for tried, (question, hit) in enumerate(_candidates(assistant)):
        if tried >= TRIED or len(found) >= SHOWN:
            break
        if hit.clause.document not in found and _is_answered(assistant, question, hit):
            found[hit.clause.document] = question
    return tuple(found.values())


def _candidates(assistant: Assistant) -> Iterator[tuple[str, Hit]]:
    """Questions that stand in the documents; then what their headings are about."""
    lists = [assistant.search(Request(sounding), LOOKED_AT) for sounding in _SOUNDINGS]
    hits = list({hit.clause.id: hit for hits in zip(*lists, strict=False) for hit in hits}.values())
    seen: set[str] = set()
    for of in (_question, _topic):
        for hit in hits:
            question = of(hit)
            if question and len(question) <= MAX_CHARS and question not in seen:
                seen.add(question)
                yield question, hit


def _question(hit: Hit) -> str | None:
    """The question of a pair of question and answer."""
    if hit.clause.kind is not ClauseKind.PAIR:
        return None
    for line in (hit.clause.label, hit.clause.text.split("\n", 1)[0]):
        if _ASKS.search(line):
            return _ASKED_BY.sub("", line).strip()
    return None


def _topic(hit: Hit) -> str | None:
    """A question about what the clause's heading names."""
    language = hit.version.language[:2]
    if language not in LANGUAGES or hit.clause.kind is ClauseKind.PAIR:
        return None
    for heading in reversed(hit.clause.path):
        topic = _NUMBERED.sub("", heading).strip()
        if 2 <= len(topic) <= 24 and not _NO_TOPIC.search(topic) and not topic.isnumeric():
            return words_for(language)("example_topic", topic=topic)
    return None


def _is_answered(assistant: Assistant, question: str, hit: Hit) -> bool:
    answer = assistant.ask(Request(question))
    return (
        answer.status is AnswerStatus.ANSWERED
        and answer.citation is not None
        and answer.citation.clause.document == hit.clause.document
        and answer.confidence >= SURE
    )
