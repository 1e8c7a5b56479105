"""One source file to one Content: load, cut, find metadata, give identities."""

from __future__ import annotations

import bisect
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from pathlib import PurePosixPath

from ingest import metadata, names, references, structure
from ingest.errors import UnreadableFile
from ingest.loaders import load
from ingest.settings import PLAIN, Reading
from ingest.sources import Source
from ingest.terms import STATUS_WORDS, check_fields, fingerprint, is_after
from ingest.types import Draft, Extract, Read
from kb import moments
from kb.settings import BaseSettings
from kb.types import Clause, Content, Status, Version


def read(
    source: Source,
    data: bytes,
    given: Mapping[str, str],
    settings: BaseSettings,
    reading: Reading = PLAIN,
    boilerplate: frozenset[str] = frozenset(),
) -> Read:
    """The content of a source, read from its bytes.

    `given` is what --set says, now or earlier. Raises UnreadableFile and InvalidMetadata.
    """
    extract = load(data, PurePosixPath(source.key).name, reading)
    return interpret(source, extract, _hash(data), given, settings, boilerplate)


def interpret(
    source: Source,
    extract: Extract,
    source_sha256: str,
    given: Mapping[str, str],
    settings: BaseSettings,
    boilerplate: frozenset[str] = frozenset(),
) -> Read:
    """`read` from the text on, for callers that load many files first to see which lines they share."""
    cut = structure.cut(extract, boilerplate)
    drafts = cut.drafts
    if not drafts:
        raise UnreadableFile(
            source.key,
            f"found {len(extract.text)} characters and no clause in them, expected text with articles, headings, "
            "paragraphs or table rows; check that the file holds a policy or product text.",
        )
    said = metadata.find(extract, PurePosixPath(source.key).name, drafts)
    fields, evidence, doubts = _fields(source, said, given, settings.zone())
    check_fields(fields, evidence, settings)
    text_sha256 = _hash(extract.text.encode())
    scope = {key.removeprefix("scope."): value for key, value in fields.items() if key.startswith("scope.")}
    authority = fields.get("authority") or settings.authorities[-1]
    zone = settings.zone()
    identity = [source.key, text_sha256, sorted({**fields, "authority": authority}.items())]
    version = Version(
        id="v-" + _hash(json.dumps(identity, ensure_ascii=False).encode())[:12],
        document=source.key,
        title=fields.get("title") or PurePosixPath(source.key).stem,
        text=extract.text,
        text_sha256=text_sha256,
        source=str(source.file),
        source_sha256=source_sha256,
        authority=authority,
        scope=scope,
        effective_from=moments.parse_from(fields["effective_from"], zone) if "effective_from" in fields else None,
        effective_until=moments.parse_until(fields["effective_to"], zone) if "effective_to" in fields else None,
        supersedes=tuple(name.strip() for name in fields.get("supersedes", "").split(";") if name.strip()),
        owner=fields.get("owner"),
        review_by=_date(fields.get("review_by")),
        language=fields.get("language", "und"),
        evidence={**{key: fact.evidence for key, fact in said.facts.items()}, **evidence},
        facts={key: fact.value for key, fact in said.facts.items()},
        notes=extract.notes,
        doubts=(*doubts, *_unheard_of(scope, settings)),
        recognised=dict(extract.recognised),
        given=dict(given),
        read_as=fingerprint(source, given, settings, boilerplate),
        status=Status(fields.get("status", Status.PUBLISHED)),
    )
    clauses = references.link(_clauses(version, extract, drafts), version.title)
    content = Content(version, clauses, extract.boxes)
    return Read(content, extract.unread, extract.removed, cut.gaps)


def _fields(
    source: Source, said: metadata.Metadata, given: Mapping[str, str], zone: tzinfo
) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """Field -> value, field -> where it was found, and doubts. Nearer to the document overrules farther:

    --set, front matter, a [[files]] block, the text itself, [defaults].
    """
    read = {key: (found.value, found.evidence) for key, found in said.fields.items() if key not in said.given}
    layers = [
        {key: (value, "[defaults] of koujing.toml") for key, value in source.defaults.items()},
        read,
        {key: (value, "[[files]] of koujing.toml") for key, value in source.rules.items()},
        {key: (found.value, found.evidence) for key, found in said.fields.items() if key in said.given},
        {key: (value, "--set") for key, value in given.items()},
    ]
    merged: dict[str, tuple[str, str]] = {}
    for layer in layers:
        merged |= layer
    impossible = tuple(_without_what_cannot_be(merged, read, zone))
    known = {key for key, (value, _) in merged.items() if value}
    doubts = (*(d for d in said.doubts if not said.settled_by.get(d, frozenset()) & known), *impossible)
    kept = {key: pair for key, pair in merged.items() if pair[0]}
    if "status" in kept:
        kept["status"] = (STATUS_WORDS.get(kept["status"][0].casefold(), kept["status"][0]), kept["status"][1])
    return {key: value for key, (value, _) in kept.items()}, {key: where for key, (_, where) in kept.items()}, doubts


def _unheard_of(scope: Mapping[str, str], settings: BaseSettings) -> Iterator[str]:
    for name in sorted(set(scope) - set(settings.dimensions)):
        yield (
            f"Its scope names {name}, which is none of the dimensions of the settings ({', '.join(settings.dimensions)}). "
            "Correct the name, or add it to base.dimensions in settings.toml."
        )


def _without_what_cannot_be(
    merged: dict[str, tuple[str, str]], read: Mapping[str, tuple[str, str]], zone: tzinfo
) -> Iterator[str]:
    """Takes a day that was read out of the text back where a maintainer's word leaves no room for it.

    Two words of maintainers that exclude each other are theirs to correct: `check_fields` refuses them.
    """
    first, last = merged.get("effective_from", ("", "")), merged.get("effective_to", ("", ""))
    if not (_is_moment(first[0]) and _is_moment(last[0])) or is_after(last[0], first[0], zone):
        return
    for key, (value, where) in (("effective_to", last), ("effective_from", first)):
        if read.get(key) == (value, where):
            del merged[key]
            other, there = first if key == "effective_to" else last
            yield f"{key} is {value} in the text ({where}), which {other} ({there}) excludes: it was left out."
            return


def _clauses(version: Version, extract: Extract, drafts: tuple[Draft, ...]) -> tuple[Clause, ...]:
    turns: Counter[tuple[str, ...]] = Counter()
    clauses = []
    key = names.read(version.document).series  # `series.assign` mends it where a stranger has the same one
    places = [box.start for box in extract.boxes]
    for draft in drafts:
        turns[draft.path] += 1
        text = extract.text[draft.start : draft.end]
        # A footnote stands behind the whole text: its boxes say which page it was printed on.
        first = bisect.bisect_left(places, draft.start)
        placed = first < len(places) and places[first] < draft.end
        page = extract.boxes[first].page if placed else bisect.bisect_right(extract.page_starts, draft.start)
        clauses.append(
            Clause(
                id=names.clause_id(key, draft.path, turns[draft.path]),
                document=version.document,
                version=version.id,
                kind=draft.kind,
                label=draft.label,
                path=draft.path,
                start=draft.start,
                end=draft.end,
                text=text,
                sha256=_hash(text.encode()),
                page=page or None,
                context=draft.context,
                references=draft.references,
            )
        )
    return references.link(clauses, version.title)


def _is_moment(value: str) -> bool:
    try:
        moments.parse(value)
    except ValueError:
        return False
    return True


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
