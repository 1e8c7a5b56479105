"""What one document says of another one in the base and the base does not do: to be told at ingest. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kb.moments import EVER
from kb.titles import by_title, plain
from kb.types import Status, Version, VersionState
from kb.validity import Validity, family_of, validities

_BY_MAINTAINERS = ("front matter", "--set", "[[files]]")


def still_in_force(versions: Iterable[Version], now: datetime) -> Mapping[str, tuple[tuple[str, ...], str]]:
    """Document -> keys of the documents that it says it repeals (《X》同时废止) and that go on all the same, with a
    sentence that says what to do.

    A document goes on if nothing ends it: no `supersedes`, no later version of its own, no last day that a maintainer
    gave. What begins later than the repeal is X issued anew.
    """
    versions = list(versions)
    valid = validities(versions)
    named = by_title(versions)
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for newer in versions:
        if newer.status is not Status.PUBLISHED or valid[newer.id].never or "repeals" not in newer.facts:
            continue
        titles = [title.strip() for title in newer.facts["repeals"].split(";")]
        older = {
            version.document: title
            for title in titles
            for version in named.get(plain(title), ())
            if _goes_on(version, valid[version.id], newer, now)
        }
        if older:
            found[newer.document] = tuple(sorted(older)), _repeal(newer, older)
    return found


def not_yet_amended(versions: Iterable[Version], now: datetime) -> Mapping[str, str]:
    """Document -> which documents in force it amends (第十二条修改为：…) that have no later version, and what to do about
    those that it cannot amend without a first day."""
    versions = [version for version in versions if version.status is Status.PUBLISHED]
    valid = validities(versions)
    named = by_title(versions)
    found = {}
    for notice in versions:
        titles = [title.strip() for title in notice.facts.get("amends", "").split(";") if title]
        keys = {
            version.document
            for title in titles
            for version in named.get(plain(title), ())
            if family_of(version) != family_of(notice)
            and valid[version.id].state(now) is VersionState.IN_FORCE
            and not _has_later_words(version, notice, versions)
        }
        if keys:
            found[notice.document] = _amendment(sorted(keys), known=valid[notice.id].first is not None)
    return found


def without_authority(versions: Iterable[Version]) -> Mapping[str, str]:
    """Document -> a sentence, where it states no authority and most of the base's documents do: it ranks last then,
    which nobody said."""
    versions = [version for version in versions if version.status is Status.PUBLISHED]
    silent = sorted({version.document for version in versions if "authority" not in version.evidence})
    if not silent or 2 * len(silent) >= len({version.document for version in versions}):
        return {}
    ranks = {version.document: version.authority for version in versions}
    return {
        document: f"It states no authority, as most documents of the base do, and so ranks last ({ranks[document]}). "
        f"Give it with authority: in its front matter, a [[files]] block of koujing.toml, or --set authority=."
        for document in silent
    }


def _amendment(keys: Sequence[str], known: bool) -> str:
    holds = f"The base holds what it amends, as before the amendment: {', '.join(keys)}."
    if known:
        return holds
    return (
        f"{holds} From which day on is not stated, and so they go on as they stand. Give it with --set effective_from=."
    )


def _has_later_words(amended: Version, notice: Version, versions: Iterable[Version]) -> bool:
    """Whether a version of the amended document begins with the amendment, or later: it has been brought in."""
    first = notice.effective_from
    return first is not None and any(
        family_of(version) == family_of(amended)
        and version.effective_from is not None
        and version.effective_from >= first
        for version in versions
    )


def _repeal(newer: Version, older: Mapping[str, str]) -> str:
    titles = "".join(f"《{title}》" for title in dict.fromkeys(older.values()))
    given = shlex.quote("supersedes=" + "; ".join([*newer.supersedes, *sorted(older)]))
    it = "it" if len(older) == 1 else "them"
    return (
        f"It says that it repeals {titles} ({newer.evidence.get('repeals', 'its text')}), and the base goes on answering "
        f"from {it}: {', '.join(sorted(older))}. Say so with --set {given}, or take {it} out of the folder."
    )


def _goes_on(older: Version, validity: Validity, newer: Version, now: datetime) -> bool:
    if older.status is not Status.PUBLISHED or validity.never or family_of(older) == family_of(newer):
        return False
    first = newer.effective_from or EVER
    if older.effective_from is not None and older.effective_from >= first > EVER:
        return False
    if older.evidence.get("effective_to", "").startswith(_BY_MAINTAINERS):
        return False
    return validity.until is None or (validity.until > now and validity.until > first)
