"""The vector cache: a text that was embedded once by a model is never embedded by it again."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.embedding import Embedder
from kb.errors import HomeError

_CHUNK = 500  # SQLite's variables a statement; also how many texts a killed run can lose
_EMBED_CHUNK = 512
_OVERWRITES = 1  # user_version of files whose deleted rows were always overwritten


def text_key(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Cached:
    """What the cache knows of some texts now."""

    vectors: np.ndarray  # (texts, dimension) float16
    tokens: list[np.ndarray]  # (vectors, dimension) int8 of each text that was asked for by token, in order
    embedded: int  # texts that were not known


class VectorCache:
    """(model, text hash) -> vector in half precision, and token vectors where they are asked for, in one SQLite file.

    Each row carries a checksum: a damaged one counts as missing and is embedded anew.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        try:
            self._db = sqlite3.connect(file)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not only unlinked
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text BLOB, vector BLOB, crc INTEGER, "
                "PRIMARY KEY (model, text)) WITHOUT ROWID"
            )
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS tokens (model TEXT, text BLOB, vector BLOB, crc INTEGER, "
                "PRIMARY KEY (model, text)) WITHOUT ROWID"
            )
            # Which texts there are is asked at every publish: 60,000 keys are read from this, not from 80 MB of rows.
            self._db.execute("CREATE INDEX IF NOT EXISTS texts ON vectors (text)")
            self._forget_old_pages()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        self._db.close()

    def embed(
        self,
        texts: Sequence[str],
        embedder: Embedder,
        progress: Callable[[int, int], None] | None = None,
        by_token: Sequence[bool] = (),
    ) -> Cached:
        """Vectors of `texts`, and token vectors of those that `by_token` names, if the embedder gives any.

        `progress(done, total)` counts embedded texts. Every finished chunk is kept even if a later
        one fails or the process is killed.
        """
        keys = [text_key(text) for text in texts]
        asked = [key for key, wanted in zip(keys, by_token, strict=False) if wanted and embedder.reads_tokens]
        read = set(asked)
        known = self._read("vectors", np.float16, embedder.id, set(keys))
        tokens = {
            key: row.reshape(-1, embedder.dimension)
            for key, row in self._read("tokens", np.int8, embedder.id, read).items()
            if len(row) and len(row) % embedder.dimension == 0  # else it counts as damaged
        }
        missing = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in known or (key in read and key not in tokens)
        }
        # Longest first: the estimate of what is left errs on the safe side.
        order = sorted(missing, key=lambda key: (key not in read, -len(missing[key]), key))
        done = 0
        if progress and order:
            progress(0, len(order))
        for start in range(0, len(order), _EMBED_CHUNK):
            for chunk in _split(order[start : start + _EMBED_CHUNK], read):
                some = [missing[key] for key in chunk]
                if chunk[0] in read:
                    vectors, of_tokens = embedder.read_passages(some)
                    self._write("tokens", embedder.id, dict(zip(chunk, of_tokens, strict=True)))
                    tokens.update(zip(chunk, of_tokens, strict=True))
                else:
                    vectors = embedder.embed_passages(some)
                # A vector that is known stays as it is, also where only its tokens were missing: snapshots hold it.
                fresh = {k: half for k, half in zip(chunk, vectors.astype(np.float16), strict=True) if k not in known}
                self._write("vectors", embedder.id, fresh)
                known.update(fresh)
                done += len(chunk)
                if progress:
                    progress(done, len(order))
        vectors = np.stack([known[key] for key in keys]) if texts else np.empty((0, embedder.dimension), np.float16)
        return Cached(vectors, [tokens[key] for key in asked], len(order))

    def keep_only(self, keys: Collection[bytes], rewrite: bool = False) -> int:
        """Forgets every text but these, in all models; returns how many went.

        What is deleted is overwritten; but a row that SQLite once moved to another page may have left a copy behind.
        `rewrite` makes the file anew (0.5 s for 80 MB): no byte of what went, now or earlier, stays in it.
        """
        try:
            texts = {row[0] for row in self._db.execute("SELECT text FROM vectors UNION SELECT text FROM tokens")}
            gone = texts.difference(keys)
            if gone:
                with self._db:
                    for table in ("vectors", "tokens"):
                        self._db.executemany(f"DELETE FROM {table} WHERE text = ?", ((key,) for key in gone))
            if rewrite:
                self._db.execute("VACUUM")
            if gone or rewrite:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log holds pages as they were before
        except sqlite3.Error as error:
            raise HomeError(
                f"The vector cache {self._file} cannot be cleared of what is retired ({error}). Free some disk space or "
                "mend the folder's permissions, then repeat the command; or delete the file: it can be computed again."
            ) from error
        return len(gone)

    def _forget_old_pages(self) -> None:
        """Rewrites, once, a file from a time when deleted vectors were not overwritten."""
        if self._db.execute("PRAGMA user_version").fetchone()[0] < _OVERWRITES:
            self._db.execute("VACUUM")
            self._db.execute(f"PRAGMA user_version = {_OVERWRITES}")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _unusable(self, error: sqlite3.Error) -> HomeError:
        return HomeError(
            f"The vector cache {self._file} cannot be read ({error}). It holds nothing that cannot be computed "
            "again: delete it and repeat the command."
        )

    def _read(self, table: str, dtype: type[np.generic], model: str, keys: set[bytes]) -> dict[bytes, np.ndarray]:
        found: dict[bytes, np.ndarray] = {}
        wanted = sorted(keys)
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            try:
                rows = self._db.execute(
                    f"SELECT text, vector, crc FROM {table} WHERE model = ? AND text IN ({marks})", (model, *part)
                ).fetchall()
            except sqlite3.Error as error:
                raise self._unusable(error) from error
            for key, blob, crc in rows:
                if zlib.crc32(blob) == crc:
                    found[key] = np.frombuffer(blob, dtype)
        return found

    def _write(self, table: str, model: str, vectors: dict[bytes, np.ndarray]) -> None:
        rows = ((model, key, blob, zlib.crc32(blob)) for key, v in vectors.items() for blob in (v.tobytes(),))
        try:
            with self._db:
                self._db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise HomeError(
                f"The vector cache {self._file} cannot be written ({error}). Free some disk space or mend the "
                "folder's permissions, then repeat the command: what is embedded so far is kept."
            ) from error


def _split(keys: Sequence[bytes], chosen: Collection[bytes]) -> Iterator[list[bytes]]:
    """The chosen ones, then the others; no empty list."""
    for wanted in (True, False):
        if part := [key for key in keys if (key in chosen) == wanted]:
            yield part
