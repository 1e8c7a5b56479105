"""What is in no clause, and why."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ingest.structure.lines import Line
from ingest.structure.shapes import trim
from ingest.types import Draft, Gap, GapReason


def list_gaps(text: str, lines: Sequence[Line], drafts: Sequence[Draft]) -> tuple[Gap, ...]:
    """The spans between the clauses, trimmed, divided where the reason changes.

    The text before a line on its own printed line (Markdown's signs) belongs to that line.
    """
    begins = [text.rfind("\n", 0, line.start) + 1 for line in lines]
    gaps: list[Gap] = []
    at = 0
    for start, end in [*((d.start, d.end) for d in drafts), (len(text), len(text))]:
        between: list[Gap] = []
        i = max(0, bisect_right(begins, at) - 1)
        while at < start:
            stop = min(start, begins[i + 1]) if i + 1 < len(lines) else start
            first, last = trim(text, at, stop)
            if first < last:
                reason = _reason(lines[i], first, start) if lines else GapReason.COMMENT
                if between and between[-1].reason is reason:
                    first = between.pop().start
                between.append(Gap(first, last, reason))
            at, i = stop, i + 1
        gaps += between
        at = end
    return tuple(gaps)


def _reason(line: Line, start: int, next_clause: int) -> GapReason:
    """`start`: of the gap; `next_clause`: where the clause behind it begins."""
    if line.left or line.fate:
        return line.left or line.fate or GapReason.HEADING
    within = line.start <= start and next_clause < line.end  # the rest of this very line is a clause: its first item
    return GapReason.LEAD_IN if within else GapReason.HEADING
