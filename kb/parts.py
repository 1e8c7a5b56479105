"""What each version brings into a snapshot's indexes, taken from the snapshot before where the version is the same.

A version's pieces, their vectors and its words hang on nothing but the version, its clauses and the wordings that they
are asked with: where those are what they were, so is the rest, and a change of one document costs what that document
costs. What is taken over was proved against its checksums when the snapshot before was opened.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as version_of_package
from typing import TYPE_CHECKING

import numpy as np

from kb.decisions import Decisions, Subject
from kb.embedding import Embedder
from kb.text import tokens
from kb.types import Content
from kb.units import REVISION, lexical_texts, units
from kb.vectors import text_key

if TYPE_CHECKING:
    from kb.snapshot import Snapshot

_WORDS_REVISION = 1  # raise when texts are cut into other words


@dataclass(frozen=True, slots=True)
class Part:
    """Of one version. Either its vectors are known, or its pieces' texts are there to be embedded."""

    spans: np.ndarray  # (n, 3) int32: clause (counted within the version), start, end of each piece
    keys: np.ndarray  # (n, 16) uint8: the vector cache's keys of the pieces' texts
    words: bytes  # of each clause's text and heading, compressed
    vectors: np.ndarray | None = None  # (n, dimension) float16
    tokens: tuple[np.ndarray, ...] = ()  # of each clause, where the embedder gives any
    texts: tuple[str, ...] = ()

    @property
    def wholes(self) -> np.ndarray:
        """(n,) bool: the pieces that are a whole clause, each clause's first."""
        return np.diff(self.spans[:, 0], prepend=-1) > 0

    def clause_words(self) -> Iterator[tuple[str, str]]:
        """(text, heading) of each clause, words set apart by blanks."""
        for line in zlib.decompress(self.words).decode().splitlines():
            text, _, heading = line.partition("\t")
            yield text, heading


@cache
def recipe() -> str:
    """What decides which words a text is cut into."""
    return f"{_WORDS_REVISION} rjieba-{version_of_package('rjieba')} opencc-{version_of_package('opencc')}"


def carry(contents: Sequence[Content], decisions: Decisions, embedder: Embedder, before: Snapshot | None) -> list[Part]:
    """A part for each of `contents`, in their order."""
    asked_as = decisions.wordings()
    known = _Known(before, asked_as, embedder) if before is not None else None
    return [(known and known.part(content)) or _made(content, asked_as) for content in contents]


def _made(content: Content, asked_as: Mapping[Subject, Sequence[str]]) -> Part:
    version = content.version
    pieces = [
        unit
        for row, clause in enumerate(content.clauses)
        for unit in units(row, clause, version, asked_as.get(Subject(clause.id, clause.sha256), ()))
    ]
    lines = ("\t".join(" ".join(tokens(text)) for text in lexical_texts(c, version)) for c in content.clauses)
    return Part(
        spans=np.array([(p.row, p.start, p.end) for p in pieces], dtype=np.int32).reshape(-1, 3),
        keys=np.frombuffer(b"".join(text_key(p.text) for p in pieces), np.uint8).reshape(-1, 16),
        words=zlib.compress("\n".join(lines).encode(), 1),
        texts=tuple(piece.text for piece in pieces),
    )


class _Known:
    """The parts of an earlier snapshot that are still what they would be made into now."""

    def __init__(self, before: Snapshot, asked_as: Mapping[Subject, Sequence[str]], embedder: Embedder) -> None:
        self._before = before
        self._usable = (before.embedder, before.manifest["units"], before.manifest["words"]) == (
            embedder.id,
            REVISION,
            recipe(),
        ) and (before.tokens is not None) == embedder.reads_tokens
        self._asked_as = asked_as, before.decisions.wordings()
        self._keys = np.load(before.folder / "keys.npy")
        self._words = (before.folder / "words.bin").read_bytes()
        self._word_places = np.load(before.folder / "words.npy")
        # Clauses and pieces stand version by version, in the order of the versions.
        groups = np.arange(len(before.versions) + 1)
        self._clause_places = np.searchsorted(before.clause_group, groups)
        self._piece_places = np.searchsorted(before.unit_row, self._clause_places)
        self._group = {version.id: n for n, version in enumerate(before.versions)}

    def part(self, content: Content) -> Part | None:
        group = self._group.get(content.version.id)
        if group is None or not self._usable or content.version != self._before.versions[group]:
            return None
        first, last = self._clause_places[group : group + 2]
        if list(content.clauses) != self._before.clauses[first:last] or not self._same_wordings(content):
            return None
        pieces = slice(*self._piece_places[group : group + 2])
        return Part(
            spans=self._before.units[pieces] - np.array([first, 0, 0], np.int32),
            keys=self._keys[pieces],
            words=self._words[slice(*self._word_places[group : group + 2])],
            vectors=self._before.index.halves(pieces),
            tokens=tuple(self._before.tokens.of(slice(first, last))) if self._before.tokens is not None else (),
        )

    def _same_wordings(self, content: Content) -> bool:
        now, then = self._asked_as
        subjects = (Subject(c.id, c.sha256) for c in content.clauses) if now or then else ()
        return all(now.get(subject, ()) == then.get(subject, ()) for subject in subjects)
