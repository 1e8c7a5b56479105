"""When a version is in force: pure functions over versions and moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kb.moments import EVER
from kb.types import Status, Version, VersionState


@dataclass(frozen=True, slots=True)
class Validity:
    """First moment in force and first moment out of it, after supersession; `never` if nothing is left."""

    first: datetime | None
    until: datetime | None
    replaced_by: str | None = None  # id of the version that takes over
    never: bool = False
    status: Status = Status.PUBLISHED

    def state(self, at: datetime) -> VersionState:
        if self.status is not Status.PUBLISHED:
            return VersionState(self.status.value)
        if self.never or (self.until is not None and at >= self.until):
            return VersionState.EXPIRED
        if self.first is not None and at < self.first:
            return VersionState.PENDING
        return VersionState.IN_FORCE


def validities(versions: Iterable[Version]) -> dict[str, Validity]:
    """Version id -> when it is in force.

    Of one document's versions each ends where the next one begins; of two that begin together, the one
    that stands later (by turn, key, then id) replaces the other. A document that another one supersedes ends
    where that one begins; if the newer one has no first moment, the older one was never in force as far
    as this base can tell. Among several successors the earliest ends it. `supersedes` names keys, or
    titles where no key fits. Drafts and retired versions replace nothing.
    """
    versions = list(versions)
    speaking = [v for v in versions if v.status is Status.PUBLISHED]
    ends: dict[str, list[tuple[datetime, str]]] = {}
    for family in _families(speaking).values():
        for older, newer in zip(family, family[1:], strict=False):
            ends.setdefault(older.id, []).append((newer.effective_from or EVER, newer.id))
    by_name = _by_name(versions)
    for newer in speaking:
        for name in newer.supersedes:
            for older in by_name.get(name, []):
                if family_of(older) != family_of(newer):
                    ends.setdefault(older.id, []).append((newer.effective_from or EVER, newer.id))
    return {version.id: _validity(version, ends.get(version.id, ())) for version in versions}


def family_of(version: Version) -> str:
    """What versions of one document have in common."""
    return version.series or version.document


def unknown_supersedes(versions: Iterable[Version]) -> Mapping[str, tuple[str, ...]]:
    """Document -> names in its `supersedes` that no document of the base has."""
    versions = list(versions)
    names = {v.document for v in versions} | {v.title for v in versions}
    missing = {v.document: tuple(n for n in v.supersedes if n not in names) for v in versions}
    return {document: names for document, names in missing.items() if names}


def _families(versions: Iterable[Version]) -> dict[str, list[Version]]:
    """Family -> its versions, in the order in which they take over from each other."""
    found: dict[str, list[Version]] = {}
    for version in sorted(versions, key=lambda v: (v.effective_from or EVER, v.turn, v.document, v.id)):
        found.setdefault(family_of(version), []).append(version)
    return found


def _by_name(versions: list[Version]) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for version in versions:
        found.setdefault(version.title, []).append(version)
    for version in versions:  # keys win over titles
        found[version.document] = [v for v in versions if v.document == version.document]
    return found


def _validity(version: Version, ends: Iterable[tuple[datetime, str]]) -> Validity:
    until, replaced_by = version.effective_until, None
    if successors := list(ends):
        start, replaced_by = min(successors)
        if start <= (version.effective_from or EVER):
            return Validity(version.effective_from, until, replaced_by, True, version.status)
        if until is None or start < until:
            until = start
    never = until is not None and until <= (version.effective_from or EVER)
    return Validity(version.effective_from, until, replaced_by, never, version.status)
