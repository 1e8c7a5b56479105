"""Footnotes: clauses of their own behind the text, never part of the last article."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.lines import Line, Unit
from ingest.structure.shapes import is_cjk
from ingest.types import Draft, Extract
from kb.types import ClauseKind

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def note_units(extract: Extract, lines: Sequence[Line], drafts: Sequence[Draft]) -> list[Unit]:
    """One unit a footnote, labelled by its mark, under the path of the clause whose text bears that mark."""
    grouped: dict[int, list[Line]] = {}
    for line in lines:
        if line.note is not None and not line.silent:
            grouped.setdefault(line.note, []).append(line)
    units = []
    end = min((note.start for note in extract.footnotes), default=len(extract.text))
    for index, body in grouped.items():
        mark = extract.footnotes[index].mark.strip()
        word = "注" if is_cjk(extract.text[: min(end, 2000)] + body[0].text) else "Note "
        label = f"{word}{mark}" if re.fullmatch(r"\w{1,4}", mark) else mark or word.strip()
        units.append(Unit(ClauseKind.PARAGRAPH, label, (*_bearer(extract.text, mark, end, drafts), label), lines=body))
    return units


def _bearer(text: str, mark: str, end: int, drafts: Sequence[Draft]) -> tuple[str, ...]:
    """The path of the one clause that bears the mark; empty where none or several do."""
    if not mark:
        return ()
    signs = {f"[{mark}]", f"［{mark}］", f"〔{mark}〕", f"【{mark}】", f"[^{mark}]", f"（注{mark}）", f"[注{mark}]"}
    if mark.isdecimal() and mark.isascii():
        signs.add(mark.translate(_SUPERSCRIPT))
        if int(mark) <= 20 and int(mark) > 0:
            signs.add(chr(ord("①") + int(mark) - 1))
    elif not mark.isalnum():
        signs.add(mark)
    pattern = re.compile(
        "|".join(rf"{re.escape(sign)}(?![⁰¹²³⁴⁵⁶⁷⁸⁹])" for sign in sorted(signs, key=len, reverse=True))
    )
    found = [match.start() for match in pattern.finditer(text, 0, end)]
    if len(found) != 1:
        return ()
    return next((draft.path for draft in drafts if draft.start <= found[0] < draft.end), ())
