"""What one snapshot has that another has not: clauses, and the conditions under which they speak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.moments import EVER, show_from, show_until
from kb.snapshot import Snapshot
from kb.types import Clause, Version


@dataclass(frozen=True, slots=True)
class ChangedClause:
    before: Clause
    after: Clause


@dataclass(frozen=True, slots=True)
class ChangedTerms:
    """A document whose clauses speak under other conditions: dates, authority, scope, title."""

    document: str
    before: Mapping[str, Any]  # only what differs
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Diff:
    """Each list in the order of documents and, within one, of the text."""

    added: tuple[Clause, ...]
    changed: tuple[ChangedClause, ...]  # the same clause with another wording
    retired: tuple[Clause, ...]
    terms: tuple[ChangedTerms, ...]
    embedder: tuple[str, str] | None  # before and after, where they differ

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.retired or self.terms or self.embedder)


def diff(old: Snapshot, new: Snapshot) -> Diff:
    """From `old` to `new`. Clauses are matched by their ids, which outlive edits of their text and which versions of
    one document share: of those, texts that are in both snapshots are the same, the others changed in their turn."""
    before, after = _by_id(old), _by_id(new)
    gone: dict[str, list[Clause]] = {}
    come: dict[str, list[Clause]] = {}
    for id_ in before.keys() | after.keys():
        was, now = before.get(id_, []), after.get(id_, [])
        gone[id_], come[id_] = _without(was, now), _without(now, was)
    added, changed = [], []
    for clause in new.clauses:
        if any(clause is new_one for new_one in come[clause.id]):
            if gone[clause.id]:
                changed.append(ChangedClause(gone[clause.id].pop(0), clause))
            else:
                added.append(clause)
    left = {id(clause) for clauses in gone.values() for clause in clauses}
    return Diff(
        added=tuple(added),
        changed=tuple(changed),
        retired=tuple(clause for clause in old.clauses if id(clause) in left),
        terms=tuple(_changed_terms(old, new)),
        embedder=(old.embedder, new.embedder) if old.embedder != new.embedder else None,
    )


def _by_id(snapshot: Snapshot) -> dict[str, list[Clause]]:
    found: dict[str, list[Clause]] = {}
    for clause in snapshot.clauses:
        found.setdefault(clause.id, []).append(clause)
    return found


def _without(clauses: Iterable[Clause], others: Iterable[Clause]) -> list[Clause]:
    """Those whose text is not among `others`, each of which stands for one."""
    texts = Counter(clause.sha256 for clause in others)
    left = []
    for clause in clauses:
        if texts[clause.sha256]:
            texts[clause.sha256] -= 1
        else:
            left.append(clause)
    return left


def _changed_terms(old: Snapshot, new: Snapshot) -> list[ChangedTerms]:
    changed = []
    before, after = _versions(old), _versions(new)
    for document in sorted(before.keys() & after.keys()):
        for was, now in _paired(before[document], after[document]):
            terms, changed_terms = _terms(old, was), _terms(new, now)
            names = [name for name, value in terms.items() if changed_terms[name] != value]
            if names:
                changed.append(
                    ChangedTerms(document, {n: terms[n] for n in names}, {n: changed_terms[n] for n in names})
                )
    return changed


def _versions(snapshot: Snapshot) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for version in snapshot.versions:
        found.setdefault(version.document, []).append(version)
    return {document: sorted(versions, key=lambda v: v.effective_from or EVER) for document, versions in found.items()}


def _paired(before: Sequence[Version], after: Sequence[Version]) -> list[tuple[Version, Version]]:
    """Each version with itself, then with the one of the same text, then in their turn."""
    was, now = list(before), list(after)
    pairs = []
    for same in (lambda a, b: a.id == b.id, lambda a, b: a.text_sha256 == b.text_sha256, lambda a, b: True):
        for a in list(was):
            b = next((b for b in now if same(a, b)), None)
            if b is not None:
                pairs.append((a, b))
                was.remove(a)
                now.remove(b)
    return pairs


def _terms(snapshot: Snapshot, version: Version) -> dict[str, Any]:
    validity = snapshot.validity[version.id]
    return {
        "title": version.title,
        "authority": version.authority,
        "scope": dict(sorted(version.scope.items())),
        "effective_from": show_from(validity.first),
        "effective_to": show_until(validity.until),
        "replaced_by": snapshot.document_of(validity.replaced_by),
    }
