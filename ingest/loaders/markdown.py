"""Markdown: the text as it stands, with its front matter, headings and pipe tables pointed out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from ingest.errors import InvalidMetadata
from ingest.types import Extract, Footnote, Heading, Row

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t\u3000]+(?=[^ \t\u3000])")
_HEADING_TIGHT = re.compile(r"(#{1,6})(?=[\u3040-\u30ff\u4e00-\u9fff])")  # "##第一章": common in Chinese notes
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})[ \t]*$")
_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?$")
_MAX_RULE = 5000  # characters of the line that parts a table's header from its rows


class _Loader(yaml.SafeLoader):
    """Leaves dates as they are written: YAML's own error for 2025-13-45 names neither the field nor the value."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _FrontMatter(YAMLHandler):
    def load(self, fm: str, **kwargs: Any) -> Any:
        return yaml.load(fm, Loader=_Loader)


def read(text: str) -> Extract:
    """The body without its front matter; offsets are into that body."""
    fields, body, notes = _front_matter(text.replace("\f", "\n"))
    body, footnotes = _footnotes(body)
    headings = tuple(_headings(body))
    return Extract(
        text=body,
        headings=headings,
        rows=tuple(tables(body)),
        fields=fields,
        title=fields.get("title") or _title(body, headings),
        footnotes=footnotes,
        notes=notes,
    )


def tables(text: str) -> Iterator[Row]:
    """The rows of pipe tables, each with its table's header cells, as many as the row has."""
    lines = _lines_with_offsets(text)
    header: list[str] | None = None
    for i, (start, line) in enumerate(lines):
        if header is not None and "|" in line:
            width = len(cells(line))
            named = " | ".join([*header, *[""] * (width - len(header))][:width])
            yield Row(start + len(line) - len(line.lstrip()), start + len(line.rstrip()), named)
            continue
        header = None
        if "|" in line and len(line) < _MAX_RULE and _RULE.match(line.strip()) and i and "|" in lines[i - 1][1]:
            header = cells(lines[i - 1][1])


def cells(line: str) -> list[str]:
    """The cells of a pipe-table line, empty ones too; an escaped bar stays in its cell, escaped."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", re.sub(r"^\||(?<!\\)\|$", "", line.strip()))]


def flatten(fields: Mapping[Any, Any], prefix: str = "") -> dict[str, str]:
    """Fields as text under dotted names: {"scope": {"platform": "京东"}} is {"scope.platform": "京东"}."""
    flat: dict[str, str] = {}
    for key, value in fields.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}.")
        elif isinstance(value, list):
            flat[name] = ", ".join(map(str, value))
        elif value is not None:
            flat[name] = str(value).strip()
    return flat


def _front_matter(text: str) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Fields, body, and a note where the fields are no YAML."""
    if not re.match(r"---[ \t]*\n", text):
        return {}, text, ()
    end = re.search(r"\n---[ \t]*(?:\n|$)", text)
    try:
        post = frontmatter.loads(text, handler=_FrontMatter())
    except (yaml.YAMLError, ValueError, TypeError) as error:
        where = str(error).splitlines()[0]
        plain = _plain_fields(text[: end.start()].split("\n")[1:]) if end else None
        if end is None or plain is None:
            raise InvalidMetadata(
                "front matter", where, "YAML between two lines of ---", "Correct it or take it out."
            ) from error
        return plain, text[end.end() :], (f"the front matter is no YAML ({where}): read line by line as field: value",)
    if not post.metadata:
        plain = _plain_fields(text[: end.start()].split("\n")[1:]) if end and "：" in text[: end.start()] else None
        if not plain or end is None or not all(map(str.isascii, plain)):
            return {}, text, ()
        return (
            plain,
            text[end.end() :],
            ("the front matter has ： where YAML has a colon and a blank: read as field: value",),
        )
    for name, value in _scopes(post.metadata):
        if isinstance(value, list):
            raise InvalidMetadata(
                f"scope.{name}",
                ", ".join(map(str, value)),
                "one value, as a document is for one",
                "Divide the document, or leave this scope out.",
            )
    return flatten(post.metadata), text[end.end() :] if end else post.content, ()


def _scopes(fields: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    nested = fields.get("scope")
    if isinstance(nested, Mapping):
        yield from ((str(name), value) for name, value in nested.items())
    yield from ((key.removeprefix("scope."), value) for key, value in fields.items() if str(key).startswith("scope."))


def _plain_fields(lines: Sequence[str]) -> dict[str, str] | None:
    """`field: value` lines that are no YAML, most often for a quotation mark or colon inside; None for anything else."""
    fields = {}
    for line in filter(str.strip, lines):
        match = re.fullmatch(r"([\w.-]{1,40})[ \t]*(?::[ \t]|：)[ \t]*(?P<mark>[\"']?)(.*?)(?P=mark)[ \t]*", line)
        if match is None or not match[3] or match[3][0] in "[{&*!|>%@`":
            return None
        fields[match[1]] = match[3]
    return fields


def _headings(text: str) -> Iterator[Heading]:
    fence: str | None = None
    before: tuple[int, str] | None = None
    for start, line in _lines_with_offsets(text):
        if (mark := _FENCE.match(line)) is not None:
            fence = None if fence and mark[1].startswith(fence[:3]) else fence or mark[1]
        elif fence is None:
            match = _HEADING.match(line) or _HEADING_TIGHT.match(line)
            if match is not None and (end := _end_of_heading(line)) > match.end():
                yield Heading(start + match.end(), start + end, len(match[1]))
            elif before and _UNDERLINE.match(line) and _can_be_underlined(before[1]):
                lead = len(before[1]) - len(before[1].lstrip())
                yield Heading(before[0] + lead, before[0] + len(before[1].rstrip()), 1 if "=" in line else 2)
        before = (start, line) if line.strip() else None


def _end_of_heading(line: str) -> int:
    """Where a heading's words end: before the closing marks of "## Title ##"."""
    line = line.rstrip()
    bare = line.rstrip("#")
    return len(bare.rstrip()) if bare != line and bare[-1:] in (" ", "\t") else len(line)


def _footnotes(text: str) -> tuple[str, tuple[Footnote, ...]]:
    """The text with its notes ("[^1]: …") behind it, in order, each a paragraph."""
    if "[^" not in text:
        return text, ()
    kept: list[str] = []
    notes: list[tuple[str, list[str]]] = []
    fence: str | None = None
    inside = False  # in a note, whose further lines are indented
    for line in text.split("\n"):
        if (mark := _FENCE.match(line)) is not None and not inside:
            fence = None if fence and mark[1].startswith(fence[:3]) else fence or mark[1]
        if fence is None and (note := _NOTE.match(line)) is not None:
            notes.append((note[1], [line[note.end() :].strip()]))
            inside = True
        elif inside and line.strip() and line[:1] in " \t":
            notes[-1][1].append(line.strip())
        else:
            inside = inside and not line.strip()
            kept.append(line)
    if not notes:
        return text, ()
    body = "\n".join(kept).rstrip()
    found = []
    for sign, lines in notes:
        words = "\n".join(filter(None, lines))
        if words:
            body += "\n\n"
            found.append(Footnote(len(body), len(body) + len(words), sign))
            body += words
    return body, tuple(found)


def _can_be_underlined(line: str) -> bool:
    return "|" not in line and not line.lstrip().startswith(("#", "-", "*", ">", "```")) and len(line) <= 80


def _title(text: str, headings: tuple[Heading, ...]) -> str | None:
    first = headings[0] if headings else None
    if first is None or first.level > 1:
        return None
    return text[first.start : first.end].strip()


def _lines_with_offsets(text: str) -> list[tuple[int, str]]:
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    return lines
