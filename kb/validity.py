"""When a version is in force: pure functions over versions and dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from kb.types import Version, VersionState


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last day in force (both included), after supersession; `never` if nothing is left."""

    first: date | None
    last: date | None
    replaced_by: str | None = None  # key of the document that takes over
    never: bool = False

    def state(self, on: date) -> VersionState:
        if self.never or (self.last is not None and on > self.last):
            return VersionState.EXPIRED
        if self.first is not None and on < self.first:
            return VersionState.PENDING
        return VersionState.IN_FORCE


def validities(versions: Iterable[Version]) -> dict[str, Validity]:
    """Version id -> when it is in force.

    A document that another one supersedes ends the day before that one begins; if the newer one has
    no first day, the older one was never in force as far as this base can tell. Among several
    successors the earliest ends it. `supersedes` names keys, or titles where no key fits.
    """
    versions = list(versions)
    by_name: dict[str, list[Version]] = {}
    for version in versions:
        by_name.setdefault(version.title, []).append(version)
    for version in versions:  # keys win over titles
        by_name[version.document] = [v for v in versions if v.document == version.document]

    ends: dict[str, list[tuple[date, str]]] = {}
    for newer in versions:
        for name in newer.supersedes:
            for older in by_name.get(name, []):
                if older.document != newer.document:
                    ends.setdefault(older.id, []).append((newer.effective_from or date.min, newer.document))

    found: dict[str, Validity] = {}
    for version in versions:
        last, replaced_by = version.effective_to, None
        if successors := ends.get(version.id):
            start, successor = min(successors)
            before = start - timedelta(days=1) if start > date.min else None
            if before is None:
                found[version.id] = Validity(version.effective_from, last, successor, never=True)
                continue
            if last is None or before < last:
                last = before
            replaced_by = successor
        never = version.effective_from is not None and last is not None and last < version.effective_from
        found[version.id] = Validity(version.effective_from, last, replaced_by, never)
    return found


def unknown_supersedes(versions: Iterable[Version]) -> Mapping[str, tuple[str, ...]]:
    """Document -> names in its `supersedes` that no document of the base has."""
    versions = list(versions)
    names = {v.document for v in versions} | {v.title for v in versions}
    missing = {v.document: tuple(n for n in v.supersedes if n not in names) for v in versions}
    return {document: names for document, names in missing.items() if names}
