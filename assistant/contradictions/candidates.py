"""Which clauses of a snapshot are worth comparing: those that can be in force together and speak of like things.

A pair is proposed by the snapshot's vectors (two clauses near one another, in whatever language) or by rare words that
two sentences share. Looking at everything reads all clauses and joins them by words; looking at a few changed ones asks
the snapshot's own indexes about them, so that it does not depend on the size of the base.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

import numpy as np

from assistant.contradictions.closeness import Closeness
from assistant.contradictions.comparing import Side, compare_readings
from assistant.contradictions.judging import can_be_doubted, can_be_judged, impossible, judged, near_enough, verdicts
from assistant.contradictions.sieve import Sieve
from assistant.contradictions.statements import Reading, read, spoken
from assistant.contradictions.types import Finding
from assistant.particulars import apart, of_title, series_of
from kb.embedding import Embedder
from kb.moments import EVER
from kb.snapshot import Snapshot
from kb.text import fold
from kb.types import Clause, Status, Version
from kb.units import whole
from kb.validity import Validity, family_of

_NEAR = 24  # neighbours by vector that are looked at for each clause
_LEXICAL = 40  # hits of the lexical index for each changed clause
_RAREST = 4  # words of a sentence that it is looked up by
_COMMON = 60  # a word that more sentences have tells nothing; pairs of words are looked up instead
_FEW = 4000  # pairs that are compared in less time than it takes to load what sifts them (40 µs each; scipy 0.17 s)
_BLOCK = 1024  # rows multiplied at a time: 1024 x 15,000 similarities take 60 MB

_UNITS = 6  # pieces of a changed clause whose neighbours are asked for

Pair = tuple[int, int]

_NO_PAIRS = np.empty((0, 2), dtype=np.int64)


def find(
    snapshot: Snapshot,
    since: Snapshot | None = None,
    known: Iterable[Finding] = (),
    progress: Callable[[int, int], None] | None = None,
    now: datetime | None = None,
    embedder: Embedder | None = None,
) -> tuple[Finding, ...]:
    """Contradictions and duplicates among the clauses that can be in force together from `now` on. `embedder`:
    the snapshot's, whose judge looks at what is freely reworded; None: rules alone.

    With `since` and its findings (`known`), only pairs with a clause that is new or changed since then are looked at;
    what was found of the others is kept. Clauses of drafts, of versions that ended, of one document's versions and of
    scopes that exclude each other do not meet. In order of (first clause, second clause); the same in every process.
    """
    meeting = _Meeting(snapshot, now or datetime.now(UTC))
    rows = meeting.rows
    kept: list[Finding] = []
    changed: set[int] | None = None
    if since is not None and since.embedder == snapshot.embedder:
        same = _same_versions(since, snapshot)
        before, after = _Identities(since, same), _Identities(snapshot, same)
        place = {after.of(snapshot.clauses[row]): row for row in rows}
        there = {before.of(clause) for clause in since.clauses}
        changed = {row for identity, row in place.items() if identity not in there}
        for finding in known:
            one, other = (place.get(before.of(clause)) for clause in (finding.first, finding.second))
            if one is not None and other is not None and meeting.can(one, other):
                kept.append(_renewed(finding, snapshot.clauses[one], snapshot.clauses[other]))
    readings = _Readings(snapshot)
    if changed is None or len(changed) > len(rows) // 4:
        for done, row in enumerate(rows):
            _ = readings[row]
            if progress and done % 500 == 0:
                progress(done, len(rows))
        if progress:
            progress(len(rows), len(rows))
        by_vectors = _by_vectors(snapshot, rows)
        near = np.concatenate([_by_words(readings), by_vectors])
    else:
        by_vectors = near = _of_changed(snapshot, sorted(changed))
    pairs = _worth_it(near, meeting, readings, changed)
    closeness = Closeness(snapshot, rows)
    found = list(_compared(snapshot, readings, pairs, closeness, progress))
    if embedder is not None and embedder.judge is not None and snapshot.tokens is not None:
        able = _that_can_meet(by_vectors, meeting, changed)
        found = list(
            _judged(snapshot, readings, found, able[~meeting.same_version(able)], closeness, embedder, progress)
        )
    return tuple(sorted([*kept, *found], key=lambda f: (f.first.id, f.first.version, f.second.id, f.second.version)))


class _Identities:
    """What comparing a clause depends on. A version that came anew leaves the clauses as they were that it says again."""

    def __init__(self, snapshot: Snapshot, same: Collection[str]) -> None:
        """`same`: versions that need no closer look, as `_same_versions` finds them."""
        self._snapshot = snapshot
        self._same = same
        self._of_versions: dict[str, tuple] = {}

    def of(self, clause: Clause) -> tuple:
        if clause.version in self._same:
            return clause.id, clause.version
        if clause.version not in self._of_versions:
            version = self._snapshot.version_of[clause.version]
            self._of_versions[version.id] = (
                *(version.document, version.title, version.language, version.status, version.supersedes),
                *(family_of(version), tuple(sorted(version.scope.items())), self._snapshot.validity[version.id]),
                spoken(version),
            )
        return (
            clause.id,
            clause.sha256,
            clause.kind,
            clause.label,
            clause.path,
            clause.context,
            self._of_versions[clause.version],
        )


def _same_versions(since: Snapshot, snapshot: Snapshot) -> frozenset[str]:
    """Ids of versions that stand in both, in force at the same times and with the same clauses."""
    there = {version: list(clauses) for version, clauses in groupby(since.clauses, lambda c: c.version)}
    return frozenset(
        version
        for version, clauses in groupby(snapshot.clauses, lambda c: c.version)
        if version in there
        and since.version_of[version] == snapshot.version_of[version]
        and since.validity[version] == snapshot.validity[version]
        and there[version] == list(clauses)
    )


def _of(snapshot: Snapshot, row: int) -> Version:
    return snapshot.version_of[snapshot.clauses[row].version]


def _renewed(finding: Finding, first: Clause, second: Clause) -> Finding:
    return replace(finding, first=first, second=second)


class _Readings:
    """Clauses are read once, when they are needed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[int, Reading] = {}

    def __getitem__(self, row: int) -> Reading:
        if row not in self._read:
            self._read[row] = read(self._snapshot.clauses[row], _of(self._snapshot, row))
        return self._read[row]

    def items(self) -> Iterable[tuple[int, Reading]]:
        """Those that were read."""
        return self._read.items()


class _Meeting:
    """Which clauses can both be asked about at one moment from now on."""

    def __init__(self, snapshot: Snapshot, now: datetime) -> None:
        self._snapshot = snapshot
        versions = snapshot.versions
        self._spans = [_open_span(snapshot.validity[v.id], now) for v in versions]
        self._scopes = [{d: fold(value) for d, value in v.scope.items()} for v in versions]
        self._families = [family_of(v) for v in versions]
        series = series_of(versions)
        self._named = [of_title(v, series) for v in versions]
        self._replaces: list[set[str]] = [set(v.supersedes) for v in versions]
        self._group = snapshot.clause_group
        speaking = {n for n, span in enumerate(self._spans) if span is not None}
        self.rows = [row for row in range(len(snapshot.clauses)) if int(self._group[row]) in speaking]

    def among(self, pairs: np.ndarray) -> np.ndarray:
        """A mask of the pairs that can meet."""
        versions = np.sort(self._group[pairs], axis=1)
        kinds, which = np.unique(versions[:, 0] * len(self._spans) + versions[:, 1], return_inverse=True)
        can = [self._versions_can(*divmod(int(kind), len(self._spans))) for kind in kinds]
        return np.array(can, dtype=bool)[which]

    def same_version(self, pairs: np.ndarray) -> np.ndarray:
        return self._group[pairs[:, 0]] == self._group[pairs[:, 1]]

    def can(self, one: int, other: int) -> bool:
        a, b = sorted((int(self._group[one]), int(self._group[other])))
        return self._versions_can(a, b)

    def _versions_can(self, a: int, b: int) -> bool:
        one, other = self._spans[a], self._spans[b]
        if one is None or other is None:
            return False
        if a == b:
            return True
        if self._families[a] == self._families[b] or max(one[0], other[0]) >= min(one[1], other[1]):
            return False
        if apart(self._named[a], self._named[b]):  # nobody who asks about the AF5 is told of the AF3
            return False
        for this, that in ((a, b), (b, a)):
            version = self._snapshot.versions[that]
            if {version.document, version.title} & self._replaces[this]:
                return False
        scope = self._scopes[b]
        return all(scope.get(d, value) == value for d, value in self._scopes[a].items())


_NEVER_ENDS = datetime.max.replace(tzinfo=UTC)


def _open_span(validity: Validity, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when a version answers, from now on; None: it does not."""
    if validity.never or validity.status is not Status.PUBLISHED:
        return None
    first, until = validity.first or EVER, validity.until or _NEVER_ENDS
    return (max(first, now), until) if until > max(first, now) else None


# --- candidates ---


def readings_of_pairs(snapshot: Snapshot, now: datetime) -> Iterator[tuple[Reading, Reading]]:
    """Every two clauses of two documents that `find` would compare."""
    meeting, readings = _Meeting(snapshot, now), _Readings(snapshot)
    for row in meeting.rows:
        _ = readings[row]
    near = np.concatenate([_by_words(readings), _by_vectors(snapshot, meeting.rows)])
    for one, other in _worth_it(near, meeting, readings, None):
        if snapshot.clauses[one].version != snapshot.clauses[other].version:
            yield readings[one], readings[other]


def _of_changed(snapshot: Snapshot, rows: Sequence[int]) -> np.ndarray:
    """Candidates of a few clauses, asked of the snapshot's indexes."""
    found = [_NO_PAIRS]
    first = np.searchsorted(snapshot.unit_row, np.arange(len(snapshot.clauses) + 1))
    vectors = snapshot.index.vectors(first[:-1])
    top = min(_NEAR + 1, len(vectors))
    for row in rows:
        units = snapshot.index.vectors(np.arange(first[row], min(first[row + 1], first[row] + _UNITS)))
        nearest = np.argpartition(units @ vectors.T, -top, axis=1)[:, -top:]
        alike = snapshot.lexical.search(snapshot.clauses[row].text, _LEXICAL, None, 0.0)[0]
        others = np.unique(np.concatenate([nearest.ravel(), alike]).astype(np.int64))
        found.append(np.stack([np.full(len(others), row), others], axis=1))
    return np.concatenate(found)


def _by_vectors(snapshot: Snapshot, rows: Sequence[int]) -> np.ndarray:
    if len(rows) < 2:
        return _NO_PAIRS
    own = np.array(rows, dtype=np.int64)
    vectors = snapshot.index.vectors(np.searchsorted(snapshot.unit_row, own))
    top = min(_NEAR + 1, len(own))
    found = []
    for start in range(0, len(own), _BLOCK):
        similar = vectors[start : start + _BLOCK] @ vectors.T
        nearest = np.argpartition(similar, -top, axis=1)[:, -top:]
        found.append(np.stack([np.repeat(own[start : start + _BLOCK], top), own[nearest.ravel()]], axis=1))
    return np.concatenate(found)


def _by_words(readings: _Readings) -> np.ndarray:
    """Pairs whose sentences share a rare word, or two words that are rarely together."""
    count: dict[str, int] = defaultdict(int)
    sentences: list[tuple[int, frozenset[str]]] = []
    for row, reading in readings.items():
        for statement in reading.statements:
            if len(statement.words) > 1:
                sentences.append((row, statement.words))
                for word in statement.words:
                    count[word] += 1
    places: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for row, words in sentences:
        rare = sorted(words, key=lambda w: (count[w], w))[:_RAREST]
        for n, word in enumerate(rare):
            places[(word,)].add(row)
            for other in rare[n + 1 :]:
                places[(word, other)].add(row)
    by_size: dict[int, list[list[int]]] = defaultdict(list)
    for key, rows in places.items():
        if 1 < len(rows) <= (_COMMON if len(key) == 1 else 2 * _COMMON):
            by_size[len(rows)].append(list(rows))
    found = [_NO_PAIRS]
    for size, lists in by_size.items():
        together = np.array(lists, dtype=np.int64)
        left, right = np.triu_indices(size, 1)
        found.append(np.stack([together[:, left].ravel(), together[:, right].ravel()], axis=1))
    return np.concatenate(found)


def _worth_it(pairs: np.ndarray, meeting: _Meeting, readings: _Readings, changed: set[int] | None) -> list[Pair]:
    """Of the candidates each pair once, in order, that can meet and whose comparison can come to anything."""
    pairs = _that_can_meet(pairs, meeting, changed)
    if len(pairs) > _FEW:
        for row in np.unique(pairs):
            _ = readings[int(row)]
        size = max(meeting.rows) + 1
        pairs = pairs[Sieve(readings.items(), size).keep(pairs[:, 0], pairs[:, 1], meeting.same_version(pairs))]
    return [(int(one), int(other)) for one, other in pairs]


def _that_can_meet(pairs: np.ndarray, meeting: _Meeting, changed: set[int] | None) -> np.ndarray:
    """Of the candidates each pair once, in order, that can meet; with `changed`, of those rows."""
    able = np.array(meeting.rows, dtype=np.int64)
    pairs = np.sort(pairs, axis=1)
    pairs = pairs[(pairs[:, 0] != pairs[:, 1]) & np.isin(pairs, able).all(axis=1)]
    if changed is not None:
        pairs = pairs[np.isin(pairs, np.fromiter(changed, dtype=np.int64)).any(axis=1)]
    size = int(able.max(initial=0)) + 1
    keys = np.unique(pairs[:, 0] * size + pairs[:, 1])
    pairs = np.stack([keys // size, keys % size], axis=1)
    return pairs[meeting.among(pairs)]


# --- comparing ---


def _compared(
    snapshot: Snapshot,
    readings: _Readings,
    pairs: Sequence[Pair],
    closeness: Closeness,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    for done, pair in enumerate(pairs):
        if progress and done % 5000 == 0:
            progress(done, len(pairs))
        (one, first), (other, second) = _sides(snapshot, pair)
        a, b = readings[one], readings[other]
        if finding := compare_readings(first, second, a, b, partial(closeness.between, one, a, other, b)):
            yield finding
    if progress:
        progress(len(pairs), len(pairs))


def _sides(snapshot: Snapshot, pair: Sequence[int]) -> list[tuple[int, Side]]:
    """Both clauses with their rows, in the order in which a finding names them."""
    sides = [(row, _side(snapshot, row)) for row in pair]
    return sorted(sides, key=lambda side: _key(side[1][0]))


def _key(clause: Clause) -> tuple[str, str]:
    return clause.id, clause.version


def _judged(
    snapshot: Snapshot,
    readings: _Readings,
    found: Sequence[Finding],
    near_pairs: np.ndarray,
    closeness: Closeness,
    embedder: Embedder,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    """What the rules found, without what they are unsure of and the judge thinks impossible; and what the judge finds
    among clauses that stand near each other."""
    assert snapshot.tokens is not None and embedder.judge is not None
    row_of = {_key(clause): row for row, clause in enumerate(snapshot.clauses)}
    unsure: dict[Pair, Finding] = {}
    told: set[Pair] = set()
    for finding in found:
        pair = row_of[_key(finding.first)], row_of[_key(finding.second)]
        told.add(pair)
        if can_be_doubted(finding):
            unsure[pair] = finding
        else:
            yield finding
    asked: dict[Pair, np.ndarray] = {}
    for done, rows in enumerate(near_pairs.tolist()):
        if progress and done % 5000 == 0:
            progress(done, len(near_pairs))
        (one, first), (other, second) = _sides(snapshot, rows)
        if (one, other) in told or not can_be_judged(first, second, readings[one], readings[other]):
            continue
        near = closeness.between(one, readings[one], other, readings[other])
        if near_enough(near):
            asked[one, other] = near
    pairs = [*unsure, *asked]
    tokens = snapshot.tokens
    said = verdicts(
        embedder.judge,
        pairs,
        tokens.count,
        lambda rows: tokens.some(np.array(rows, dtype=np.int64)),
        lambda row: embedder.words(whole(*_side(snapshot, row))),
    )
    for done, (pair, odds, point) in enumerate(said):
        if progress and done % 500 == 0:
            progress(done, len(pairs))
        if pair in unsure:
            if not impossible(odds):
                yield unsure[pair]
            continue
        one, other = pair
        first, second = _side(snapshot, one), _side(snapshot, other)
        seen = judged(first, second, readings[one], readings[other], asked[pair], odds, point)
        if seen is not None:
            yield seen


def _side(snapshot: Snapshot, row: int) -> Side:
    return snapshot.clauses[row], _of(snapshot, row)
