"""What maintainers do over REST: look at the base, bring files in, publish.

A change runs as a `kb` command of its own: it can neither slow answers down nor take the server with it, and it meets
the same locks, checks and audit as one typed at a terminal.
"""

from __future__ import annotations

import hmac
import os
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import orjson

from kb.errors import SettingsError
from kb.home import Home, sync_folder, translated_disk_errors
from kb.snapshot import Snapshot, stated_roots
from ui.errors import InvalidRequest
from ui.listing import clause_with_history, documents_to_json, snapshots_to_json

UPLOADS = "uploads"
MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class ServeSettings:
    token: str = field(
        default="",
        metadata={
            "help": "what a request that changes the base must carry as Authorization: Bearer; empty: only requests "
            "from this machine itself may change it"
        },
    )

    def __post_init__(self) -> None:
        if self.token and (len(self.token) < 16 or not self.token.isascii() or not self.token.isprintable()):
            raise SettingsError(
                "serve.token is too short or not plain ASCII, expected 16 characters or more: mend settings.toml."
            )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: its exit status, its JSON, and its last line of complaint."""

    status: int
    report: dict[str, Any] | None
    said: str


class Maintenance:
    """Every method may be called from several threads at once."""

    def __init__(self, home: Home, token: str = "", published: Callable[[], None] = lambda: None) -> None:
        """`token`: what a maintainer's request must carry; "": only requests from this machine are heard.

        `published`: called when a change has ended, before it is reported: whoever asks next is then answered from it.
        """
        self._home, self._token, self._published = home, token, published
        self._opened: Snapshot | None = None
        self._lock = threading.Lock()

    def documents(self, with_clauses: bool) -> dict[str, Any]:
        return documents_to_json(self._snapshot(), self._home.settings, with_clauses)

    def clause(self, clause_id: str) -> dict[str, Any]:
        """Raises NotFound."""
        return clause_with_history(self._snapshot(), self._home.settings, clause_id)

    def snapshots(self) -> dict[str, Any]:
        return snapshots_to_json(self._home)

    def admits(self, client: str | None, forwarded: bool, authorization: str | None) -> bool:
        """Whether a request may change the base. With a token the token decides, else where it comes from: what a
        proxy passes on comes from anywhere."""
        if self._token:
            return hmac.compare_digest((authorization or "").encode(), f"Bearer {self._token}".encode())
        return client in ("127.0.0.1", "::1") and not forwarded

    def store(self, name: str, content: BinaryIO) -> dict[str, Any]:
        """Puts a file into the base's uploads; the next ingest reads it. Raises InvalidRequest for a name that
        could lead elsewhere."""
        key = _key(name)
        target = self._home.path / UPLOADS / key
        with translated_disk_errors(target):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                aside = target.with_name(f".{sha256(key.encode()).hexdigest()[:16]}.{os.getpid()}.new")
                digest, size = sha256(), 0
                with open(aside, "wb") as file:
                    while part := content.read(1 << 20):
                        file.write(part)
                        digest.update(part)
                        size += len(part)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(aside, target)
                sync_folder(target.parent)
            except (NotADirectoryError, IsADirectoryError, FileExistsError):
                raise InvalidRequest(
                    f"{key} is a folder of the uploads, or below a file: choose another name."
                ) from None
        return {"document": key, "bytes": size, "sha256": digest.hexdigest()}

    def ingest(self, *, draft: bool = False, full: bool = False, force: str | None = None) -> Outcome:
        """Brings the base in step with its uploads and with the folders it was made from."""
        uploads = self._home.path / UPLOADS
        folders = [root for root in stated_roots(self._home) if root != str(uploads)]
        if uploads.is_dir():
            folders.append(str(uploads))
        if not folders:
            raise InvalidRequest("There is nothing to ingest: upload a file to /v1/documents first.")
        options = [*(["--draft"] if draft else []), *(["--full"] if full else [])]
        if force is not None:
            options += ["--force", f"--because={force}"]
        return self._change("ingest", *options, "--", *folders)

    def publish(self, snapshot: str) -> Outcome:
        """Raises NotFound for a snapshot that is not there."""
        self._home.folder_of(snapshot)
        return self._change("publish", "--", snapshot)

    def _change(self, verb: str, *arguments: str) -> Outcome:
        outcome = self._command(verb, *arguments)
        self._published()
        return outcome

    def _command(self, verb: str, *arguments: str) -> Outcome:
        command = [sys.executable, "-m", "ui.cli", verb, "--home", str(self._home.path), "--json", *arguments]
        place = str(Path(__file__).resolve().parent.parent)  # the server may have been started anywhere
        path = os.pathsep.join(filter(None, (place, os.environ.get("PYTHONPATH"))))
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ, "PYTHONPATH": path}, check=False
        )
        try:
            report = orjson.loads(ended.stdout)
        except orjson.JSONDecodeError:
            report = None
        lines = ended.stderr.decode(errors="replace").split("\n")
        said = next((line.removeprefix("kb: ") for line in reversed(lines) if line.startswith("kb: ")), "")
        return Outcome(ended.returncode, report, said)

    def _snapshot(self) -> Snapshot:
        """The current one. Opened once: the desk's own stays with the desk."""
        current = self._home.require_current()
        with self._lock:
            if self._opened is None or self._opened.id != current:
                self._opened = Snapshot.open(self._home, current)
            return self._opened


def _key(name: str) -> str:
    """The key of an uploaded file: its path below the uploads."""
    key = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = PurePosixPath(key).parts
    if (
        not key
        or len(key) > MAX_NAME_CHARS
        or key.startswith("/")
        or any(part in (".", "..") or part.startswith(".") or len(part.encode()) > 240 for part in parts)
        or any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in key)
        or ":" in parts[0]
    ):
        raise InvalidRequest(
            f"The file name {name[:60]!r} cannot be used; expected a path such as rules/returns.pdf: no .., no dot or / "
            f"at the beginning, at most {MAX_NAME_CHARS} characters."
        )
    return "/".join(parts)
