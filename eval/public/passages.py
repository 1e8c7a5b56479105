"""Questions on passages (XQuAD in three languages, JSQuAD): an article is a document, each passage a clause of it.

XQuAD has the same questions and passages in every language, so that a question of one language can be asked about
passages in another. Its articles' titles are in English everywhere and are left out. All passages are indexed; asked
are the questions whose passage is, in the question's language and in the passage's, in the half that no training sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.types import Request
from eval.public.documents import document
from eval.public.files import rows, untouched
from eval.public.types import Loaded
from eval.types import Case, EvalError, Gold
from kb.types import Content

LANGUAGES = {"en": "en", "es": "es", "zh": "zh-Hans"}  # XQuAD's files -> what we call the language
_NEEDED = ("id", "title", "passage_id", "question", "context")


def xquad(asked_in: str, passages_in: str, data: Path) -> Loaded:
    """Questions in one language on passages in another, or in the same."""
    name = f"xquad-{asked_in}-{passages_in}"
    passages, questions = _xquad(data, passages_in), _xquad(data, asked_in)
    contents = _contents(f"xquad/{passages_in}", passages, LANGUAGES[passages_in], titled=False)
    passage_of = {row["id"]: row for row in passages}
    cases = []
    for row in questions:
        if (passage := passage_of.get(row["id"])) is None:
            raise EvalError(f"xquad_{passages_in}.jsonl lacks the question {row['id']!r} of xquad_{asked_in}.jsonl.")
        if untouched(row) and untouched(passage):
            gold = Gold(_key(f"xquad/{passages_in}", passage), quote=_text(passage))
            cases.append(_case(name, row, gold, LANGUAGES[asked_in]))
    return Loaded(contents, cases)


def jsquad(data: Path) -> Loaded:
    found = rows(data / "squad" / "jsquad_valid.jsonl", *_NEEDED)
    contents = _contents("jsquad", found, "ja", titled=True)
    cases = [_case("jsquad", row, Gold(_key("jsquad", row), quote=_text(row)), "ja") for row in found if untouched(row)]
    return Loaded(contents, cases)


def _xquad(data: Path, code: str) -> list[Mapping[str, Any]]:
    return rows(data / "squad" / f"xquad_{code}.jsonl", *_NEEDED)


def _contents(name: str, found: Sequence[Mapping[str, Any]], language: str, titled: bool) -> list[Content]:
    articles: dict[str, list[Mapping[str, Any]]] = {}
    for row in found:
        articles.setdefault(_key(name, row), []).append(row)
    return [
        document(
            key,
            list(dict.fromkeys(_text(row) for row in article)),
            language,
            article[0]["title"].replace("_", " ") if titled else "",
        )
        for key, article in articles.items()
    ]


def _case(name: str, row: Mapping[str, Any], gold: Gold, language: str) -> Case:
    return Case(row["id"], Request(row["question"].strip()), (gold,), True, name, language=language)


def _key(name: str, row: Mapping[str, Any]) -> str:
    return f"{name}/{row['title']}"


def _text(row: Mapping[str, Any]) -> str:
    """The passage alone: JSQuAD puts its article's title and a mark before it."""
    return row["context"].rpartition("[SEP]")[2].strip("\ufeff \t\r\n")
