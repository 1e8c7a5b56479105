"""Texts as a document of the base."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from kb.types import Clause, ClauseKind, Content, Version


def document(key: str, texts: Sequence[str], language: str, title: str = "") -> Content:
    """A document with one clause a text, in their order, set apart by an empty line. Its clauses have no label and
    nothing above them: what finds them is their text, under the title where there is one."""
    stored = "\n\n".join(texts)
    version = Version(
        id="v-" + _sha256(f"{key}\0{title}\0{stored}")[:12],
        document=key,
        title=title,
        text=stored,
        text_sha256=_sha256(stored),
        source=key,
        source_sha256=_sha256(stored),
        authority="help_article",
        scope={},
        language=language,
    )
    clauses, at = [], 0
    for number, text in enumerate(texts, 1):
        clauses.append(
            Clause(
                id="c-" + _sha256(f"{key}\0{number}")[:12],
                document=key,
                version=version.id,
                kind=ClauseKind.PARAGRAPH,
                label="",
                path=(),
                start=at,
                end=at + len(text),
                text=text,
                sha256=_sha256(text),
            )
        )
        at += len(text) + 2
    return Content(version, tuple(clauses))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
