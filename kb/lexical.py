"""The lexical index: BM25 by tantivy over our own tokens. The only file that imports tantivy."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kb.errors import DamagedSnapshot
from kb.text import tokens


class LexicalIndex:
    """Rows are numbered by the caller; each belongs to a group (its version), which searches filter by."""

    def __init__(self, index) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def build(cls, folder: Path, rows: Iterable[tuple[int, int, str, str]]) -> None:
        """Writes (row, group, text, heading) into `folder`, which must exist, as one segment. Text and heading are
        words set apart by blanks, as `kb.text.tokens` finds them."""
        import tantivy

        try:
            index = tantivy.Index(_schema(), path=str(folder))
            # Else a thread of its own looks for commits twice a second, and may leave a lock in the finished folder.
            index.config_reader(reload_policy="manual")
            # One thread writes one segment in row order: the same rows give the same scores in every build.
            writer = index.writer(heap_size=256_000_000, num_threads=1)
            for row, group, text, heading in rows:
                document = tantivy.Document()
                document.add_unsigned("row", row)
                document.add_unsigned("group", group)
                document.add_text("text", text)
                document.add_text("heading", heading)
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
        except ValueError as error:
            raise _as_os_error(error, folder) from error

    @classmethod
    def read(cls, folder: Path, count: int) -> LexicalIndex:
        import tantivy

        try:
            # tantivy writes a lock file where it opens: it is given links to the files in a folder of its
            # own, so that a snapshot can lie on a read-only disk.
            # Once it has opened the files it needs no names: a killed process leaves no folder behind.
            with TemporaryDirectory(prefix="koujing-", ignore_cleanup_errors=True) as links:
                for file in folder.iterdir():
                    (Path(links) / file.name).symlink_to(file.absolute())
                found = cls(tantivy.Index.open(links))
        except ValueError as error:
            raise DamagedSnapshot(
                f"The lexical index cannot be opened ({error}). Go back with `kb rollback` or rebuild with "
                "`kb ingest --full`."
            ) from error
        if len(found) != count:
            raise DamagedSnapshot(
                f"The lexical index holds {len(found)} clauses; the manifest says {count}. Go back with "
                "`kb rollback` or rebuild with `kb ingest --full`."
            )
        return found

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def known(self, words: Iterable[str]) -> list[str]:
        """Those tokens (as `kb.text.tokens` makes them) that some row has."""
        fields = ("text", "heading")
        return [word for word in words if any(self._searcher.doc_freq(name, word) for name in fields)]

    def rarity(self, word: str) -> float:
        """How much a token tells of what a row is about, above 0: ln of rows over those that have it. A hundred rows of
        nobody's are counted along, ten of which have it: in a base of five clauses no token is rare."""
        having = max(self._searcher.doc_freq(name, word) for name in ("text", "heading"))
        return math.log((len(self) + 100) / (having + 10))

    def search(
        self,
        wanted: str | Mapping[str, float],
        top: int,
        groups: Iterable[int] | None = None,
        heading_weight: float = 1.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows (int64) and BM25 scores (float32), best first, ties by row. `wanted`: a text, or tokens with weights
        (1.0 is a word of the text). `groups`: None allows all."""
        import tantivy

        nothing = np.empty(0, np.int64), np.empty(0, np.float32)
        weights = dict.fromkeys(tokens(wanted), 1.0) if isinstance(wanted, str) else wanted
        words = list(weights)[:128]  # a pasted page is no query
        if not words or not len(self):
            return nothing
        term = tantivy.Query.term_query
        should = tantivy.Occur.Should
        parts = []
        for word in words:
            for name, weight in (("text", weights[word]), ("heading", weights[word] * heading_weight)):
                if weight:
                    one = term(self._schema, name, word)
                    parts.append((should, one if weight == 1.0 else tantivy.Query.boost_query(one, weight)))
        query = tantivy.Query.boolean_query(parts)
        if groups is not None:
            groups = sorted(groups)
            if not groups:
                return nothing
            allowed = tantivy.Query.term_set_query(self._schema, "group", groups)
            filtering = tantivy.Query.const_score_query(allowed, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, filtering)])
        hits = self._searcher.search(query, limit=top).hits
        rows = np.array([self._searcher.doc(address)["row"][0] for _, address in hits], dtype=np.int64)
        scores = np.array([score for score, _ in hits], dtype=np.float32)
        order = np.lexsort((rows, -scores))
        return rows[order], scores[order]


def _as_os_error(error: ValueError, folder: Path) -> Exception:
    """What tantivy calls a ValueError, as what it is: the number of the system's error stands in its text."""
    found = re.search(r"\bcode: (\d+), kind:|\(os error (\d+)\)", str(error))
    number = int(found[1] or found[2]) if found else 0
    return OSError(number, os.strerror(number), str(folder)) if number else error


def _schema():
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=True)
    builder.add_unsigned_field("group", indexed=True)
    for name in ("text", "heading"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
