"""Which clauses of a snapshot are worth comparing: those that can be in force together and speak of like things.

A pair is proposed by the snapshot's vectors (two clauses near one another, in whatever language) or by rare words that
two sentences share. Looking at everything reads all clauses and joins them by words; looking at a few changed ones asks
the snapshot's own indexes about them, so that it does not depend on the size of the base.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from assistant.contradictions.comparing import compare_readings
from assistant.contradictions.statements import Reading, read
from assistant.contradictions.types import Finding
from kb.moments import EVER
from kb.snapshot import Snapshot
from kb.text import fold
from kb.types import Clause, Status, Version
from kb.validity import Validity, family_of

_NEAR = 24  # neighbours by vector that are looked at for each clause
_LEXICAL = 40  # hits of the lexical index for each changed clause
_RAREST = 4  # words of a sentence that it is looked up by
_COMMON = 60  # a word that more sentences have tells nothing; pairs of words are looked up instead
_BLOCK = 1024  # rows multiplied at a time: 1024 x 15,000 similarities take 60 MB

Pair = tuple[int, int]


def find(
    snapshot: Snapshot,
    since: Snapshot | None = None,
    known: Iterable[Finding] = (),
    progress: Callable[[int, int], None] | None = None,
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Contradictions and duplicates among the clauses that can be in force together from `now` on.

    With `since` and its findings (`known`), only pairs with a clause that is new or changed since then are looked at;
    what was found of the others is kept. Clauses of drafts, of versions that ended, of one document's versions and of
    scopes that exclude each other do not meet. In order of (first clause, second clause); the same in every process.
    """
    meeting = _Meeting(snapshot, now or datetime.now(UTC))
    rows = meeting.rows
    kept: list[Finding] = []
    changed: set[int] | None = None
    if since is not None:
        before = {_identity(c, since.version_of[c.version]) for c in since.clauses}
        place = {(c.id, c.version): row for row, c in enumerate(snapshot.clauses)}
        changed = {row for row in rows if _identity(snapshot.clauses[row], _of(snapshot, row)) not in before}
        # A clause that could not meet another one then may meet it now: a version that began or ended counts as changed.
        moved = {v for v, span in snapshot.validity.items() if since.validity.get(v) != span}
        changed |= {row for row in rows if snapshot.clauses[row].version in moved}
        for finding in known:
            pair = [place.get((c.id, c.version)) for c in (finding.first, finding.second)]
            one, other = pair
            if one is None or other is None or one in changed or other in changed or not meeting.can(one, other):
                continue
            kept.append(_renewed(finding, snapshot.clauses[one], snapshot.clauses[other]))
    readings = _Readings(snapshot)
    if changed is None or len(changed) > len(rows) // 4:
        pairs = _all_pairs(snapshot, meeting, readings, progress)
        if changed is not None:
            pairs = {pair for pair in pairs if pair[0] in changed or pair[1] in changed}
    else:
        pairs = _pairs_of(snapshot, meeting, sorted(changed))
    found = [*kept, *_compared(snapshot, readings, sorted(pairs), progress)]
    return tuple(sorted(found, key=lambda f: (f.first.id, f.first.version, f.second.id, f.second.version)))


def _identity(clause: Clause, version: Version) -> tuple[str, str, str]:
    return clause.id, clause.version, clause.sha256


def _of(snapshot: Snapshot, row: int) -> Version:
    return snapshot.version_of[snapshot.clauses[row].version]


def _renewed(finding: Finding, first: Clause, second: Clause) -> Finding:
    return Finding(first, second, finding.likeness, finding.differences, finding.certain)


class _Readings:
    """Clauses are read once, when they are needed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[int, Reading] = {}

    def __getitem__(self, row: int) -> Reading:
        if row not in self._read:
            self._read[row] = read(self._snapshot.clauses[row], _of(self._snapshot, row))
        return self._read[row]


class _Meeting:
    """Which clauses can both be asked about at one moment from now on."""

    def __init__(self, snapshot: Snapshot, now: datetime) -> None:
        self._snapshot = snapshot
        versions = snapshot.versions
        self._spans = [_open_span(snapshot.validity[v.id], now) for v in versions]
        self._scopes = [{d: fold(value) for d, value in v.scope.items()} for v in versions]
        self._families = [family_of(v) for v in versions]
        self._replaces: list[set[str]] = [set(v.supersedes) for v in versions]
        self._known: dict[Pair, bool] = {}
        self._group = snapshot.clause_group
        speaking = {n for n, span in enumerate(self._spans) if span is not None}
        self.rows = [row for row in range(len(snapshot.clauses)) if int(self._group[row]) in speaking]

    def can(self, one: int, other: int) -> bool:
        a, b = sorted((int(self._group[one]), int(self._group[other])))
        if (a, b) not in self._known:
            self._known[a, b] = self._versions_can(a, b)
        return self._known[a, b]

    def _versions_can(self, a: int, b: int) -> bool:
        one, other = self._spans[a], self._spans[b]
        if one is None or other is None:
            return False
        if a == b:
            return True
        if self._families[a] == self._families[b] or max(one[0], other[0]) >= min(one[1], other[1]):
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


def _pairs_of(snapshot: Snapshot, meeting: _Meeting, rows: Sequence[int]) -> set[Pair]:
    """Candidates of a few clauses, asked of the snapshot's indexes."""
    pairs: set[Pair] = set()
    first = np.searchsorted(snapshot.unit_row, np.arange(len(snapshot.clauses) + 1))
    for row in rows:
        units = np.arange(first[row], first[row + 1])
        near: list[int] = []
        for vector in snapshot.index.vectors(units[:6]) if len(units) else ():
            ids, _ = snapshot.index.search(vector, _NEAR * 3)
            near += [int(r) for r in snapshot.unit_row[ids]]
        near += [int(r) for r in snapshot.lexical.search(snapshot.clauses[row].text, _LEXICAL, None, 0.0)[0]]
        pairs |= {_ordered(row, other) for other in near if other != row and meeting.can(row, other)}
    return pairs


def _all_pairs(
    snapshot: Snapshot, meeting: _Meeting, readings: _Readings, progress: Callable[[int, int], None] | None
) -> set[Pair]:
    total = len(meeting.rows)
    for done, row in enumerate(meeting.rows):
        _ = readings[row]
        if progress and done % 500 == 0:
            progress(done, total)
    if progress:
        progress(total, total)
    pairs = set(_by_words(meeting, {row: readings[row] for row in meeting.rows}))
    pairs.update(_by_vectors(snapshot, meeting))
    return pairs


def _by_vectors(snapshot: Snapshot, meeting: _Meeting) -> Iterator[Pair]:
    rows = np.array(meeting.rows, dtype=np.int64)
    if len(rows) < 2:
        return
    vectors = snapshot.index.vectors(np.searchsorted(snapshot.unit_row, rows))
    top = min(_NEAR + 1, len(rows))
    for start in range(0, len(rows), _BLOCK):
        similar = vectors[start : start + _BLOCK] @ vectors.T
        nearest = np.argpartition(similar, -top, axis=1)[:, -top:]
        for n, others in enumerate(nearest):
            one = int(rows[start + n])
            for m in others:
                other = int(rows[m])
                if one != other and meeting.can(one, other):
                    yield _ordered(one, other)


def _by_words(meeting: _Meeting, readings: Mapping[int, Reading]) -> Iterator[Pair]:
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
    for key, rows in places.items():
        if 1 < len(rows) <= (_COMMON if len(key) == 1 else 2 * _COMMON):
            ordered = sorted(rows)
            for n, row in enumerate(ordered):
                for behind in ordered[n + 1 :]:
                    if meeting.can(row, behind):
                        yield row, behind


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


# --- comparing ---


def _compared(
    snapshot: Snapshot, readings: _Readings, pairs: Sequence[Pair], progress: Callable[[int, int], None] | None
) -> Iterator[Finding]:
    first_unit = np.searchsorted(snapshot.unit_row, np.arange(len(snapshot.clauses)))
    for done, (one, other) in enumerate(pairs):
        if progress and done % 5000 == 0:
            progress(done, len(pairs))
        a, b = readings[one], readings[other]
        similarity = None
        if a.language != b.language:
            x, y = snapshot.index.vectors(np.array([first_unit[one], first_unit[other]]))
            similarity = float(x @ y)
        sides = sorted(
            (((snapshot.clauses[row], _of(snapshot, row)), reading) for row, reading in ((one, a), (other, b))),
            key=lambda side: (side[0][0].id, side[0][0].version),
        )
        (first, reading), (second, other_reading) = sides
        if finding := compare_readings(first, second, reading, other_reading, similarity):
            yield finding
    if progress:
        progress(len(pairs), len(pairs))
