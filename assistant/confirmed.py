"""What maintainers have decided about questions and about words for the customer: looked up, never searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.masking import without_placeholders
from assistant.types import Reply
from kb.decisions import ApprovedReply, AskedAs, Decisions, Ruling, RulingKind, Subject, wording_key
from kb.replies import slots
from kb.types import Clause

_TRADITIONAL = ("hant", "tw", "hk", "mo")


@dataclass(frozen=True, slots=True)
class Meant:
    """A decision that a question in these words means a clause."""

    subject: Subject
    decision: Ruling | AskedAs


class Confirmed:
    """The decisions that a snapshot was published with, by question and by clause. Built once a snapshot."""

    def __init__(self, decisions: Decisions) -> None:
        self._meant: dict[str, list[Meant]] = {}
        for ruling in sorted(decisions.rulings, key=lambda r: (r.at, r.id), reverse=True):
            if ruling.kind is RulingKind.MEANS and ruling.question:
                self._file(ruling.question, Meant(ruling.subjects[0], ruling))
        for wording in sorted(decisions.asked_as, key=lambda w: (w.at, w.id), reverse=True):
            self._file(wording.text, Meant(wording.subject, wording))
        self._replies: dict[Subject, list[ApprovedReply]] = {}
        for reply in decisions.replies:
            self._replies.setdefault(reply.subject, []).append(reply)

    def meant(self, wordings: Iterable[str]) -> tuple[Meant, ...]:
        """What was decided about a question in one of `wordings`, the first that anything was decided about:
        rulings, then asked-as wordings, the newest first."""
        for wording in wordings:
            if found := self._meant.get(_key(wording)):
                return tuple(found)
        return ()

    def subjects(self) -> frozenset[Subject]:
        """Every clause that a question's words are tied to."""
        return frozenset(meant.subject for found in self._meant.values() for meant in found)

    def replies(self, clause: Clause, language: str) -> tuple[Reply, ...]:
        """The approved words for a clause in a language, the plain tone first, then by tone, the newest first.

        Chinese in the other script stands in where its own has none; words in another language never do.
        """
        approved = self._replies.get(Subject(clause.id, clause.sha256), [])
        spoken, script = _language(language)
        mine = [(reply, _language(reply.language)) for reply in approved]
        fitting = [reply for reply, (other, written) in mine if other == spoken and written == script]
        fitting = fitting or [reply for reply, (other, _) in mine if other == spoken]
        newest_first = sorted(fitting, key=lambda r: (r.at, r.id), reverse=True)
        return tuple(
            Reply(r.text, r.language, r.id, r.tone, slots(r.text)) for r in sorted(newest_first, key=lambda r: r.tone)
        )

    def _file(self, wording: str, meant: Meant) -> None:
        if key := _key(wording):
            self._meant.setdefault(key, []).append(meant)


def _key(text: str) -> str:
    """`wording_key` of what is left of a question when masked data are taken out."""
    return wording_key(without_placeholders(text))


def _language(tag: str) -> tuple[str, str]:
    """(language, script): zh-TW is Chinese in traditional characters; of other languages regions do not matter."""
    language, *rest = tag.lower().replace("_", "-").split("-")
    if language != "zh":
        return language, ""
    return language, "hant" if any(part in _TRADITIONAL for part in rest) else "hans"
