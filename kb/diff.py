"""What one snapshot has that another has not: clauses, and the conditions under which they speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.moments import show_from, show_until
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
    """From `old` to `new`. Clauses are matched by their ids, which outlive edits of their text."""
    before = {clause.id: clause for clause in old.clauses}
    after = {clause.id: clause for clause in new.clauses}
    both = [clause for clause in new.clauses if clause.id in before]
    return Diff(
        added=tuple(clause for clause in new.clauses if clause.id not in before),
        changed=tuple(ChangedClause(before[c.id], c) for c in both if before[c.id].sha256 != c.sha256),
        retired=tuple(clause for clause in old.clauses if clause.id not in after),
        terms=tuple(_changed_terms(old, new)),
        embedder=(old.embedder, new.embedder) if old.embedder != new.embedder else None,
    )


def _changed_terms(old: Snapshot, new: Snapshot) -> list[ChangedTerms]:
    before, after = ({v.document: _terms(snapshot, v) for v in snapshot.versions} for snapshot in (old, new))
    changed = []
    for document in sorted(before.keys() & after.keys()):
        names = [name for name, value in before[document].items() if after[document][name] != value]
        if names:
            was, now = ({name: terms[document][name] for name in names} for terms in (before, after))
            changed.append(ChangedTerms(document, was, now))
    return changed


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
