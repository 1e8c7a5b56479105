"""What `kb diff` found, as one page that asks nobody for anything."""

from __future__ import annotations

import html
import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ui.conflicts import document
from ui.plain import visible
from ui.web.wording import Words


@cache
def change_words(language: str) -> Words:
    source = files("ui.web").joinpath("wording", f"changes.{language}.toml")
    return Words(language, tomllib.loads(source.read_text(encoding="utf-8")))


def write_page(file: Path, report: Mapping[str, Any], language: str) -> None:
    """One HTML file; it is complete under its name or not there at all. `report`: as `kb diff --json` prints it."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(page(report, change_words(language)), encoding="utf-8")
    os.replace(new, file)


def page(report: Mapping[str, Any], words: Words) -> str:
    parts = [
        _answers(report, words),
        _section(
            words("changed"), (_edited(c["path"], c["document"], c["before"], c["text"]) for c in report["changed"])
        ),
        _section(words("added"), (_clause(c, "ins") for c in report["added"])),
        _section(words("retired"), (_clause(c, "del") for c in report["retired"])),
        _section(words("terms"), map(_terms, report["terms"])),
        _section(words("decisions"), (_decision(d, words) for d in report["decisions"])),
        _section(words("model"), [f"<p>{_plain(' → '.join(report['embedder']))}</p>"] if report["embedder"] else []),
    ]
    body = "".join(parts[1:]) or f"<p>{_plain(words('nothing'))}</p>"
    return document(words("title", old=report["from"], new=report["to"]), parts[0] + body, words("html_lang"))


def _answers(report: Mapping[str, Any], words: Words) -> str:
    if report["answers"] is None:
        return f"<p>{_plain(words('not_asked'))}</p>"
    heading = words("answers", count=len(report["answers"]), asked=report["questions"])
    return f"<h2>{_plain(heading)}</h2>" + "".join(_answer(change, words) for change in report["answers"])


def _answer(change: Mapping[str, Any], words: Words) -> str:
    was, now = change["before"]["clause"], change["after"]["clause"]
    if was and now and was["id"] == now["id"]:
        inner = _edited(now["path"], now["document"], was["text"], now["text"])
    else:
        sides = [(words("before"), change["before"], "del"), (words("after"), change["after"], "ins")]
        inner = '<div class="pair">' + "".join(
            f"<article><h3>{_plain(name)}</h3>"
            + (
                _clause(answer["clause"], tag)
                if answer["clause"]
                else f"<p>{_plain(words('no_answer', reason=answer['reason']))}</p>"
            )
            + "</article>"
            for name, answer, tag in sides
        ) + "</div>"  # fmt: skip
    cause = _plain(words.name("cause", change["cause"]))
    return f'<section class="open"><h2>{_plain(change["question"])}</h2><p class="meta">{cause}</p>{inner}</section>'


def _section(heading: str, items: Iterable[str]) -> str:
    shown = "".join(items)
    return f"<h2>{_plain(heading)}</h2>{shown}" if shown else ""


def _clause(clause: Mapping[str, Any], tag: str) -> str:
    return (
        f"{_place(clause['path'], clause['document'])}<blockquote><{tag}>{_plain(clause['text'])}</{tag}></blockquote>"
    )


def _edited(path: Iterable[str], key: str, before: str, after: str) -> str:
    """The text with what went struck out and what came in its place."""
    runs = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(_plain(before[a:b]))
            continue
        runs.append(
            (f"<del>{_plain(before[a:b])}</del>" if b > a else "")
            + (f"<ins>{_plain(after[c:d])}</ins>" if d > c else "")
        )
    return f"{_place(path, key)}<blockquote>{''.join(runs)}</blockquote>"


def _terms(terms: Mapping[str, Any]) -> str:
    rows = "; ".join(f"{key}: {was} → {terms['after'][key]}" for key, was in terms["before"].items())
    return f"<p><b>{_plain(terms['document'])}</b> {_plain(rows)}</p>"


def _decision(decision: Mapping[str, Any], words: Words) -> str:
    state = words.name("state", decision["state"])
    return f"<p><b>{_plain(state)}</b> {_plain(decision['id'])} {_plain(decision['text'])}</p>"


def _place(path: Iterable[str], key: str) -> str:
    return f'<p class="meta"><bdi>{_plain(key)}</bdi> › {_plain(" › ".join(path))}</p>'


def _plain(text: str) -> str:
    return html.escape(visible(text))
