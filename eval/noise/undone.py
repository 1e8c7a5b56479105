"""How much of the noise the question analysis takes away again, without asking the base anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.scopewords import ScopeWords
from assistant.types import Request
from assistant.understand import Understood, understand
from eval.noise.generator import KINDS, noisy
from eval.types import Case
from kb.text import tokens

NOON = datetime(
    2026, 12, 31, 12, tzinfo=UTC
)  # original and wording are read at it; the days of pasted chats are before it


@dataclass(frozen=True, slots=True)
class Undone:
    """One wording beside its original. `shared`: of the tokens of both, those that both have."""

    case: Case
    wording: Case
    searched: str  # what would be looked for
    shared: float
    other_day: bool  # a day is read out of the one and not, or another, out of the other

    @property
    def same(self) -> bool:
        return self.shared == 1.0


def undone(cases: Sequence[Case], seed: int, kinds: Sequence[str] | None = None) -> Iterator[tuple[str, list[Undone]]]:
    """Kind by kind; what spelling by sound and a base's own words would mend needs the base, and is not mended here."""
    for kind in kinds if kinds is not None else KINDS:
        found = []
        for case in cases:
            clean = _read(case.request)
            found += [_compared(case, clean, wording) for wording in noisy([case], seed, [kind])]
        yield kind, found


def _read(request: Request) -> Understood:
    return understand(request, ScopeWords({}), NOON)


def _compared(case: Case, clean: Understood, wording: Case) -> Undone:
    read = _read(wording.request)
    a, b = set(tokens(clean.search_text)), set(tokens(read.search_text))
    shared = len(a & b) / len(a | b) if a | b else 1.0
    return Undone(case, wording, read.search_text, shared, clean.time != read.time)


def table(rows: Sequence[tuple[str, Sequence[Undone]]]) -> str:
    columns: tuple[tuple[str, Callable[[Sequence[Undone]], str]], ...] = (
        ("wordings", lambda found: str(len(found))),
        ("same words", lambda found: f"{sum(u.same for u in found) / len(found):.3f}"),
        ("shared words", lambda found: f"{sum(u.shared for u in found) / len(found):.3f}"),
        ("another day", lambda found: str(sum(u.other_day for u in found))),
    )
    lines = ["kind         " + "  ".join(f"{name:>12}" for name, _ in columns)]
    lines += [f"{kind:12} " + "  ".join(f"{value(found):>12}" for _, value in columns) for kind, found in rows if found]
    return "\n".join(lines)
