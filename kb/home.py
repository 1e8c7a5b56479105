"""The folder of one knowledge base: its lock, its snapshots and which of them is current.

settings.toml        settings, if any
current.json         the published snapshot and those published before it, newest first
snapshots/<id>/      immutable; see `kb.snapshot`
cache/vectors.sqlite vectors by model and text
state.sqlite         the audit log; see `kb.state`
write.lock           held by the one process that changes the base
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.errors import Busy, DamagedSnapshot, HomeError, NotFound
from kb.settings import BaseSettings, EmbeddingSettings, read_settings, section


@dataclass(frozen=True, slots=True)
class Current:
    snapshot: str
    before: tuple[str, ...]  # published earlier, newest first


class Home:
    """Opening one writes nothing; the folder is made by the first command that writes."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        if any("\ud800" <= char <= "\udfff" for char in str(self.path)):
            raise HomeError(f"The name {str(self.path)!r} is not Unicode: choose another folder with --home.")
        self.tables = read_settings(self.path)
        self.settings = section(BaseSettings, self.tables.get("base", {}), "base")
        self.embedding = section(EmbeddingSettings, self.tables.get("embedding", {}), "embedding")

    @property
    def snapshots_folder(self) -> Path:
        return self.path / "snapshots"

    @property
    def vector_cache_file(self) -> Path:
        return self.path / "cache" / "vectors.sqlite"

    def folder_of(self, snapshot: str) -> Path:
        folder = self.snapshots_folder / snapshot
        if not snapshot.startswith("s-") or "/" in snapshot or not (folder / "manifest.json").is_file():
            known = ", ".join(self.snapshots()) or "none yet: run `kb ingest PATH`"
            raise NotFound(f"There is no snapshot {snapshot!r} in {self.path}. Known: {known}.")
        return folder

    def snapshots(self) -> list[str]:
        """Ids of the snapshots on disk, oldest first."""
        try:
            entries = list(os.scandir(self.snapshots_folder))
        except FileNotFoundError:
            return []
        found = [entry for entry in entries if entry.name.startswith("s-") and entry.is_dir()]
        return [entry.name for entry in sorted(found, key=lambda e: (e.stat().st_mtime_ns, e.name))]

    def current(self) -> Current | None:
        try:
            record = json.loads((self.path / "current.json").read_text(encoding="utf-8"))
            current = Current(record["snapshot"], tuple(record["before"]))
            if not all(isinstance(name, str) for name in (current.snapshot, *current.before)):
                raise ValueError("an id that is no string")
            return current
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedSnapshot(
                f"{self.path / 'current.json'} cannot be read ({error}). Choose a snapshot with `kb publish ID`; "
                f"there are: {', '.join(self.snapshots()) or 'none'}."
            ) from error

    def require_current(self) -> str:
        if (current := self.current()) is None:
            raise NotFound(f"{self.path} holds no published knowledge base. Bring documents in: `kb ingest PATH`.")
        return current.snapshot

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Makes the folder and holds its lock; a second writer is told at once."""
        with translated_disk_errors(self.path):
            self.snapshots_folder.mkdir(parents=True, exist_ok=True)
            with open(self.path / "write.lock", "a+") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    if error.errno not in (errno.EAGAIN, errno.EACCES):
                        raise
                    lock.seek(0)
                    raise Busy(
                        f"Another process ({lock.read().strip() or 'unknown'}) is changing {self.path}. "
                        "Nothing was changed; repeat the command when it is done."
                    ) from error
                lock.truncate(0)
                lock.write(f"process {os.getpid()}\n")
                lock.flush()
                for stale in self.snapshots_folder.glob(".building-*"):  # left by a killed process
                    shutil.rmtree(stale, ignore_errors=True)
                yield

    def publish(self, snapshot: str) -> None:
        """Makes `snapshot` current, in one atomic step. The caller holds the lock."""
        self.folder_of(snapshot)
        try:
            current = self.current()
        except DamagedSnapshot:
            current = None  # publishing is the way out of a damaged pointer
        before = (
            ((current.snapshot, *current.before) if current else ())
            if not (current and current.snapshot == snapshot)
            else current.before
        )
        self._point(Current(snapshot, tuple(s for s in dict.fromkeys(before) if s != snapshot)))

    def earlier(self) -> str:
        """The snapshot published before the current one, as far as it is still there."""
        current = self.current()
        on_disk = set(self.snapshots())
        for snapshot in current.before if current else ():
            if snapshot in on_disk:
                return snapshot
        raise NotFound("There is no earlier snapshot to go back to. `kb snapshots` lists what there is.")

    def rollback(self, snapshot: str | None = None) -> str:
        """Goes back to `snapshot`, or to the one published before the current. The caller holds the lock."""
        current = self.current()
        snapshot = snapshot or self.earlier()
        self.folder_of(snapshot)
        before = current.before if current else ()
        # What was left is no place to "go back" to: it can be published again by its id.
        before = before[before.index(snapshot) + 1 :] if snapshot in before else before
        self._point(Current(snapshot, before))
        return snapshot

    def prune(self, needed: Collection[str] = ()) -> list[str]:
        """Deletes the oldest snapshots beyond `keep_snapshots`; never the current one, the one before it or one of
        `needed`, which do not count."""
        current = self.current()
        pinned = {current.snapshot, *current.before[:1]} if current else set()
        gone = surplus(self.snapshots(), pinned, set(needed) - pinned, self.settings.keep_snapshots)
        for snapshot in gone:
            self.remove(snapshot)
        return gone

    def remove(self, snapshot: str) -> None:
        """Deletes a snapshot from the disk. The caller holds the lock."""
        # Out of sight first: a kill in between leaves no half snapshot with a valid name.
        aside = self.snapshots_folder / f".building-gone-{snapshot}"
        os.rename(self.snapshots_folder / snapshot, aside)
        shutil.rmtree(aside, ignore_errors=True)

    def _point(self, current: Current) -> None:
        record = json.dumps({"snapshot": current.snapshot, "before": list(current.before)})
        with translated_disk_errors(self.path):
            write_durably(self.path / "current.json.new", record.encode())
            os.replace(self.path / "current.json.new", self.path / "current.json")
            sync_folder(self.path)


def surplus(snapshots: Sequence[str], pinned: Collection[str], kept: Collection[str], keep: int) -> list[str]:
    """Which of `snapshots`, oldest first, are more than `keep` beside the current one; `kept` do not count."""
    spare = [s for s in snapshots if s not in pinned and s not in kept]
    return spare[: max(0, len(spare) + len(pinned) - keep - 1)]


def write_durably(file: Path, data: bytes) -> None:
    with open(file, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def translated_disk_errors(path: Path) -> Iterator[None]:
    """Full disks, read-only folders and the like become one clear line."""
    advice = {
        errno.ENOSPC: "the disk is full: free some space",
        errno.EDQUOT: "the disk quota is used up: free some space",
        errno.EROFS: "the file system is read-only: choose another folder with --home",
        errno.EACCES: "permission was denied: choose another folder with --home or mend its permissions",
        errno.EPERM: "permission was denied: choose another folder with --home or mend its permissions",
        errno.ENOTDIR: "a part of the path is a file: choose another folder with --home",
        errno.EEXIST: "a file stands where the folder should be: choose another folder with --home",
    }
    try:
        yield
    except OSError as error:
        if error.errno not in advice:
            raise
        raise HomeError(
            f"{error.filename or path} cannot be written: {advice[error.errno]}, then repeat the command. "
            "The base is as it was."
        ) from error
