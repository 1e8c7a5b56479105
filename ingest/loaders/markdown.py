"""Markdown: the text as it stands, with its front matter, headings and pipe tables pointed out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from ingest.errors import InvalidMetadata
from ingest.types import Extract, Heading, Row

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t\u3000]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_HEADING_TIGHT = re.compile(r"(#{1,6})(?=[\u3040-\u30ff\u4e00-\u9fff])(.*?)\s*$")  # "##第一章": common in Chinese notes
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})[ \t]*$")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


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
    fields, body = _front_matter(text)
    headings = tuple(_headings(body))
    return Extract(
        text=body,
        headings=headings,
        rows=tuple(tables(body)),
        fields=fields,
        title=fields.get("title") or _title(body, headings),
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
        if "|" in line and _RULE.match(line) and i and "|" in lines[i - 1][1]:
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


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    if not re.match(r"---[ \t]*\n", text):
        return {}, text
    try:
        post = frontmatter.loads(text, handler=_FrontMatter())
    except (yaml.YAMLError, ValueError, TypeError) as error:
        where = str(error).splitlines()[0]
        raise InvalidMetadata(
            "front matter", where, "YAML between two lines of ---", "Correct it or take it out."
        ) from error
    if not post.metadata:
        return {}, text
    end = re.search(r"\n---[ \t]*(?:\n|$)", text)
    return flatten(post.metadata), text[end.end() :] if end else post.content


def _headings(text: str) -> Iterator[Heading]:
    fence: str | None = None
    before: tuple[int, str] | None = None
    for start, line in _lines_with_offsets(text):
        if (mark := _FENCE.match(line)) is not None:
            fence = None if fence and mark[1].startswith(fence[:3]) else fence or mark[1]
        elif fence is None:
            match = _HEADING.match(line) or _HEADING_TIGHT.match(line)
            if match is not None and match[2].strip():
                yield Heading(start + match.start(2), start + match.end(2), len(match[1]))
            elif before and _UNDERLINE.match(line) and _can_be_underlined(before[1]):
                lead = len(before[1]) - len(before[1].lstrip())
                yield Heading(before[0] + lead, before[0] + len(before[1].rstrip()), 1 if "=" in line else 2)
        before = (start, line) if line.strip() else None


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
