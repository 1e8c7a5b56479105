"""The base's contents and an ingest's report as JSON objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ingest.types import IngestReport
from kb.errors import KbError, NotFound
from kb.home import Home
from kb.moments import show_from, show_until
from kb.settings import BaseSettings
from kb.snapshot import Snapshot
from kb.types import Clause, Hit, Version


def report_to_json(report: IngestReport) -> dict[str, Any]:
    plan = report.plan
    named = {*plan.added, *plan.updated, *plan.unchanged}
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
        "doubts": {c.version.document: list(c.version.doubts) for c in of_this if c.version.doubts},
        "notes": {c.version.document: list(c.version.notes) for c in of_this if c.version.notes},
        "duplicates": [asdict(duplicate) for duplicate in plan.duplicates],
        "clauses": {
            "added": report.clauses_added,
            "reused": report.clauses_reused,
            "retired": report.clauses_retired,
        },
        "embedded": report.embedded,
        # Contradictions are not looked for yet: null says so, a number would claim that they were.
        "conflicts": report.review.conflicts,
        "snapshot": report.snapshot,
        "published": report.published,
        "refused_because": list(report.refused_because),
        "seconds": report.seconds,
    }


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
    now = datetime.now(settings.zone())
    clauses: dict[str, list[Clause]] = {}
    for clause in snapshot.clauses:
        clauses.setdefault(clause.document, []).append(clause)
    documents: dict[str, list[Version]] = {}
    for version in snapshot.versions:
        documents.setdefault(version.document, []).append(version)
    listing = []
    for key, versions in sorted(documents.items()):
        record: dict[str, Any] = {
            "document": key,
            "title": versions[-1].title,
            "status": "published",
            "versions": [version_to_json(snapshot, version, now) for version in versions],
        }
        if with_clauses:
            record["clauses"] = [_clause(clause) for clause in clauses.get(key, [])]
        else:
            record["clause_count"] = len(clauses.get(key, []))
        listing.append(record)
    return {"snapshot": snapshot.id, "documents": listing}


def clause_with_history(snapshot: Snapshot, settings: BaseSettings, clause_id: str) -> dict[str, Any]:
    """Raises NotFound for an id that the snapshot does not hold."""
    found = [clause for clause in snapshot.clauses if clause.id == clause_id]
    if not found:
        raise NotFound(
            f"There is no clause {clause_id!r} in snapshot {snapshot.id}. "
            "`kb documents --clauses --json` lists the ids, and every answer names its own."
        )
    clause = found[-1]
    snapshot.check_quote(clause)
    version = snapshot.version_of[clause.version]
    now = datetime.now(settings.zone())
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
        "authority": version.authority,
        "scope": dict(version.scope),
        "history": [version_to_json(snapshot, v, now) for v in snapshot.versions if v.document == clause.document],
    }


def version_to_json(snapshot: Snapshot, version: Version, now: datetime) -> dict[str, Any]:
    validity = snapshot.validity[version.id]
    return {
        "version": version.id,
        "state": validity.state(now).value,
        "effective_from": show_from(validity.first),
        "effective_to": show_until(validity.until),
        "replaced_by": snapshot.document_of(validity.replaced_by),
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


def snapshots_to_json(home: Home) -> dict[str, Any]:
    current = home.current()
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
                "published_before": current is not None and snapshot in current.before,
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
