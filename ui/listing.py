"""The base's contents and an ingest's report as JSON objects."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ingest.notices import not_yet_amended, still_in_force, without_authority
from ingest.series import Family, families
from ingest.types import IngestReport, Plan
from kb.errors import KbError, NotFound
from kb.home import Home
from kb.moments import EVER, show_from, show_until
from kb.retention import published
from kb.settings import BaseSettings
from kb.snapshot import Snapshot
from kb.types import Clause, Hit, Status, Version, VersionState
from kb.validity import Validity, family_of, unknown_supersedes


def report_to_json(report: IngestReport) -> dict[str, Any]:
    plan = report.plan
    named = {*plan.added, *plan.updated, *plan.unchanged}
    now = datetime.now(UTC)
    of_this = [content for content in plan.contents if content.version.document in named]
    return {
        "added": list(plan.added),
        "updated": list(plan.updated),
        "unchanged": len(plan.unchanged),
        "retired": list(plan.retired),
        "moved": list(plan.moved),
        "failed": [asdict(failure) for failure in plan.failed],
        "skipped": [asdict(skipped) for skipped in plan.skipped],
        "hidden": plan.hidden,
        "left_out": [asdict(item) for item in plan.left_out],
        "doubts": doubts(plan, named),
        "notes": {c.version.document: list(c.version.notes) for c in of_this if c.version.notes},
        "versions": families_to_json((f for f in families(plan.contents) if f.documents & named), now),
        "duplicates": [asdict(duplicate) for duplicate in plan.duplicates],
        "clauses": {
            "added": report.clauses_added,
            "reused": report.clauses_reused,
            "retired": report.clauses_retired,
        },
        "embedded": report.embedded,
        "conflicts": report.review.conflicts,
        "snapshot": report.snapshot,
        "published": report.published,
        "refused_because": list(report.refused_because),
        "seconds": report.seconds,
    }


def doubts(plan: Plan, named: Collection[str]) -> dict[str, list[str]]:
    """Document -> what to look at in it, of the documents `named`: what its text leaves open, what it is said to
    replace that the next base does not have, and what it says it repeals or amends that goes on."""
    found = {c.version.document: list(c.version.doubts) for c in plan.contents if c.version.document in named}
    for document, missing in unknown_supersedes(content.version for content in plan.contents).items():
        if document in found:
            found[document].append(
                f"It supersedes {', '.join(missing)}, which the base does not have. Correct the name to a document's key or "
                "title, or bring the older document in."
            )
    versions, now = [content.version for content in plan.contents], datetime.now(UTC)
    for document, (repealed, sentence) in still_in_force(versions, now).items():
        if (told := next((name for name in (document, *repealed) if name in found), None)) is not None:
            found[told].append(sentence if told == document else f"{document}: {sentence}")
    for sentences in (not_yet_amended(versions, now), without_authority(versions)):
        for document, sentence in sentences.items():
            if document in found:
                found[document].append(sentence)
    return {document: said for document, said in found.items() if said}


def hits_to_json(query: str, hits: Sequence[Hit], snapshot: str) -> dict[str, Any]:
    return {
        "query": query,
        "snapshot": snapshot,
        "hits": [
            {
                "id": hit.clause.id,
                "document": hit.clause.document,
                "title": hit.version.title,
                "label": hit.clause.label,
                "path": list(hit.clause.path),
                "text": hit.clause.text,
                "score": hit.score,
                "stages": dict(hit.stages),
            }
            for hit in hits
        ],
    }


def documents_to_json(snapshot: Snapshot, settings: BaseSettings, with_clauses: bool) -> dict[str, Any]:
    """An entry a document key. `versions` are all of its family, in the order in which they take over; status, title and
    clauses are its own: those of its version in force, else of its last."""
    now = datetime.now(settings.zone())
    clauses: dict[str, list[Clause]] = {}
    for clause in snapshot.clauses:
        clauses.setdefault(clause.version, []).append(clause)
    families: dict[str, list[Version]] = {}
    own: dict[str, list[Version]] = {}
    for version in sorted(snapshot.versions, key=_turn):
        families.setdefault(family_of(version), []).append(version)
        own.setdefault(version.document, []).append(version)
    listing = []
    for key, versions in sorted(own.items()):
        shown = _speaking(snapshot, versions, now)
        published = any(version.status is Status.PUBLISHED for version in versions)
        record: dict[str, Any] = {
            "document": key,
            "title": shown.title,
            "status": Status.PUBLISHED.value if published else versions[-1].status.value,
            "series": shown.series,
            "versions": [
                version_to_json(snapshot, version, now) if version.document == key else _brief(snapshot, version, now)
                for version in families[family_of(shown)]
            ],
        }
        if with_clauses:
            record["clauses"] = [_clause(clause) for clause in clauses.get(shown.id, [])]
        else:
            record["clause_count"] = len(clauses.get(shown.id, []))
        listing.append(record)
    return {"snapshot": snapshot.id, "documents": listing}


def clause_with_history(snapshot: Snapshot, settings: BaseSettings, clause_id: str) -> dict[str, Any]:
    """The clause as it is in force (else as it was last), and what each version of its document says in its place.

    Raises NotFound for an id that the snapshot does not hold.
    """
    found = {clause.version: clause for clause in snapshot.clauses if clause.id == clause_id}
    if not found:
        raise NotFound(
            f"There is no clause {clause_id!r} in snapshot {snapshot.id}. "
            "`kb documents --clauses --json` lists the ids, and every answer names its own."
        )
    now = datetime.now(settings.zone())
    version = _speaking(snapshot, sorted((snapshot.version_of[v] for v in found), key=_turn), now)
    clause = found[version.id]
    snapshot.check_quote(clause)
    family = sorted((v for v in snapshot.versions if family_of(v) == family_of(version)), key=_turn)
    return {
        "snapshot": snapshot.id,
        **_clause(clause),
        "document": clause.document,
        "title": version.title,
        "text": clause.text,
        "sha256": clause.sha256,
        "context": clause.context,
        "references": [
            {"start": r.start, "end": r.end, "label": r.label, "title": r.title, "clause": r.clause}
            for r in clause.references
        ],
        "recognised": version.recognised.get(clause.page or 0),
        "version": version.id,
        "state": snapshot.validity[version.id].state(now).value,
        "authority": version.authority,
        "scope": dict(version.scope),
        "series": version.series,
        "history": [
            {**version_to_json(snapshot, v, now), "clause": _wording(found[v.id]) if v.id in found else None}
            for v in family
        ],
    }


def version_to_json(snapshot: Snapshot, version: Version, now: datetime) -> dict[str, Any]:
    return {
        **_brief(snapshot, version, now),
        "replaced_by": snapshot.document_of(snapshot.validity[version.id].replaced_by),
        "authority": version.authority,
        "scope": dict(version.scope),
        "supersedes": list(version.supersedes),
        "owner": version.owner,
        "review_by": version.review_by.isoformat() if version.review_by else None,
        "language": version.language,
        "source": version.source,
        "source_sha256": version.source_sha256,
        "text_sha256": version.text_sha256,
        "evidence": dict(version.evidence),
        "notes": list(version.notes),
    }


def families_to_json(families: Iterable[Family], now: datetime) -> list[dict[str, Any]]:
    """Files that were taken for versions of one document, each with the days on which it is in force."""
    return [
        {
            "series": family.name,
            "title": family.steps[-1].version.title,
            "versions": [
                {
                    **_standing(step.version, step.validity, now),
                    "evidence": step.version.evidence.get("effective_from"),
                }
                for step in family.steps
            ],
            "notes": list(family.notes),
        }
        for family in families
    ]


def _brief(snapshot: Snapshot, version: Version, now: datetime) -> dict[str, Any]:
    return _standing(version, snapshot.validity[version.id], now)


def _standing(version: Version, validity: Validity, now: datetime) -> dict[str, Any]:
    return {
        "version": version.id,
        "document": version.document,
        "status": version.status.value,
        "state": validity.state(now).value,
        "effective_from": show_from(validity.first),
        "effective_to": show_until(validity.until),
        "never_in_force": validity.never,
    }


def _speaking(snapshot: Snapshot, versions: Sequence[Version], now: datetime) -> Version:
    """The one of these versions that is in force, else the last."""
    in_force = [v for v in versions if snapshot.validity[v.id].state(now) is VersionState.IN_FORCE]
    return (in_force or versions)[-1]


def _turn(version: Version) -> tuple[datetime, int, str, str]:
    return version.effective_from or EVER, version.turn, version.document, version.id


def _wording(clause: Clause) -> dict[str, Any]:
    return {"label": clause.label, "path": list(clause.path), "text": clause.text, "sha256": clause.sha256}


def snapshots_to_json(home: Home) -> dict[str, Any]:
    current = home.current()
    once_live = published(home)
    listing = []
    for snapshot in reversed(home.snapshots()):
        try:
            manifest = json.loads((home.folder_of(snapshot) / "manifest.json").read_text(encoding="utf-8"))
            detail = {key: manifest[key] for key in ("created_at", "embedder", "counts")}
        except (KbError, ValueError, KeyError, OSError):
            detail = {"damaged": "it has no readable manifest"}
        listing.append(
            {
                "id": snapshot,
                "current": current is not None and snapshot == current.snapshot,
                "published_before": snapshot in once_live - {current.snapshot if current else None},
                **detail,
            }
        )
    return {"snapshots": listing}


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "label": clause.label,
        "path": list(clause.path),
        "kind": clause.kind.value,
        "start": clause.start,
        "end": clause.end,
        "page": clause.page,
    }
