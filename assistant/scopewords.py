"""Scope in a question's words: "京东的生鲜", "听澜 T3 的保修"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kb.text import HAN, fold

_HAN_NAME = re.compile(f"[{HAN}]{{4,}}")
_PREFIX = 2  # hanzi that customers shorten a name to: 桐里集市 -> 桐里


class ScopeWords:
    """The names by which the base's scope values are called. Built once a snapshot."""

    def __init__(self, values: Mapping[str, Iterable[str]]) -> None:
        self._values = {(d, fold(v)): v for d, found in values.items() for v in found}
        names: dict[str, set[tuple[str, str]]] = {}
        for dimension, folded in self._values:
            names.setdefault(folded, set()).add((dimension, folded))
            for short in _short_names(folded):
                names.setdefault(short, set()).add((dimension, folded))
        # A short name that could mean two values means neither; a whole value always means itself.
        self._names = {
            name: next(iter(meant)) if len(meant) == 1 else next((m for m in meant if m[1] == name), None)
            for name, meant in names.items()
        }
        self._pattern = re.compile("|".join(_bounded(n) for n in sorted(self._names, key=lambda n: (-len(n), n))))

    def find(self, text: str) -> dict[str, str]:
        """Dimension -> the value that `text` names. A dimension named with two values is left open."""
        found: dict[str, set[str]] = {}
        for match in self._pattern.finditer(fold(text)) if self._names else ():
            if (meant := self._names.get(match.group())) is not None:
                found.setdefault(meant[0], set()).add(meant[1])
        return {d: self._values[d, next(iter(v))] for d, v in sorted(found.items()) if len(v) == 1}


def _short_names(folded: str) -> set[str]:
    parts = folded.split()
    names = {part for part in parts if len(part) > 1} if len(parts) > 1 else set()
    for part in parts:
        if _HAN_NAME.fullmatch(part):
            names.add(part[:_PREFIX])
    return names


def _bounded(name: str) -> str:
    """Latin names stand alone: "t3" is not part of "pt300"."""
    left = r"(?<![a-z0-9])" if name[0].isascii() else ""
    right = r"(?![a-z0-9])" if name[-1].isascii() else ""
    return left + re.escape(name) + right
