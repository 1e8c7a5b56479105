"""Numbers inside one long line: texts whose line breaks were lost on the way (1、……。2、……。3、……。)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.numbering import SPACE, Style, read, to_int
from ingest.structure.lines import Line
from ingest.structure.shapes import trim

MIN_GLUED_CHARS = 40  # a shorter line with three articles in it is a list of references

_INT = "(?:[零〇一二三四五六七八九十百千]+|[0-9０-９]{1,3})"
_END = r"(?:^|[。；;！!？?：:]|(?<=[a-z)”\"])\.)[”’」』\"')）】]*[\s\u3000]*"  # what stands before a number of a series
_SERIES = (
    (Style.HAN, re.compile(rf"{_END}(?P<at>(?P<n>[一二三四五六七八九十]{{1,3}})、)"), 2),
    (Style.HAN_PAREN, re.compile(rf"{_END}(?P<at>[（(](?P<n>[一二三四五六七八九十]{{1,3}})[)）])"), 2),
    (Style.ARABIC, re.compile(rf"{_END}(?P<at>(?P<n>[0-9]{{1,2}})[、.．](?![0-9]))"), 3),
    (Style.ARABIC_PAREN, re.compile(rf"{_END}(?P<at>[（(]?(?P<n>[0-9]{{1,2}})[)）])"), 3),
    (Style.CIRCLED, re.compile(rf"{_END}(?P<at>(?P<n>[①-⑳]))"), 2),
    (Style.LETTER, re.compile(rf"{_END}(?P<at>\((?P<n>[a-z])\))"), 3),
)
_ARTICLE = re.compile(
    rf"(?P<chapter>第[{SPACE}]*{_INT}[{SPACE}]*[章编節节][^。；，第]{{0,30}})?(?P<at>第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*[条條])"
)
_REFERS = re.compile(r"[、，,；;。”》）)]|(?:之?规定|所|的|至|到|和|及|与|或|中|第)")


def break_articles(line: Line) -> list[Line]:
    """The articles and chapter headings of one glued line as lines of their own; the line itself where it is whole.

    Three articles at least, numbered without a gap, each at a sentence's end.
    """
    text = line.text
    if len(text) < MIN_GLUED_CHARS or not re.search("[条條]", text):
        return [line]
    cuts: list[int] = []
    articles = 0
    last: int | None = None
    for match in _ARTICLE.finditer(text):
        number = to_int(match["n"])
        before = text[max(0, match.start() - 8) : match.start()].rstrip()[-1:]
        if number is None or (before and before not in "。；！？.!?") or _REFERS.match(text, match.end()):
            continue
        if number != (1 if last is None else last + 1) and not (last is None and match.start() == 0):
            continue
        if match["chapter"]:
            cuts += [match.start("chapter"), match.start("at")]
        elif not before or last is not None or number == 1:
            cuts.append(match.start("at"))
        last = number
        articles += 1
    return _cut_at(line, cuts) if articles >= 3 else [line]


def break_items(line: Line) -> list[Line]:
    """The items of one long line as lines with marks, a list's lead-in and what stands between lists without one."""
    found: tuple[Style, list[re.Match[str]]] | None = None
    for style, pattern, least in _SERIES:
        chain = _chain([m for m in pattern.finditer(line.text) if not _within_sentence(m)], least)
        if chain and (found is None or chain[0].start("at") < found[1][0].start("at")):
            found = style, chain
    if found is None:
        return [line]
    cuts: list[int] = []
    for match in found[1]:
        if cuts and to_int(match["n"]) == 1:  # the sentence that leads into the next list is no part of the last item
            lead = max(line.text.rfind(c, cuts[-1], match.start("at") - 1) for c in "。；！？") + 1
            if line.text[match.start("at") - 1] in "：:" and lead > cuts[-1]:
                cuts.append(lead)
        cuts.append(match.start("at"))
    starts = {line.start + match.start("at") for match in found[1]}
    return [piece if piece.start in starts else replace(piece, mark=None) for piece in _cut_at(line, cuts)]


def _within_sentence(match: re.Match[str]) -> bool:
    """(a) ours; (b) yours: one sentence in English, where 一；二 are two in Chinese."""
    return match[0][:1] == ";" and bool(re.match(r"\s*[A-Za-z]", match.string[match.end() : match.end() + 3]))


def _chain(matches: Sequence[re.Match[str]], least: int) -> list[re.Match[str]]:
    """The runs 1, 2, 3 … of at least `least` numbers, one after the other."""
    kept: list[re.Match[str]] = []
    run: list[re.Match[str]] = []
    for match in matches:
        n = match["n"]
        number = ord(n) - ord("a") + 1 if n.isascii() and n.isalpha() else to_int(n)
        if number == len(run) + 1:
            run.append(match)
        elif number == 1:
            kept += run if len(run) >= least else []
            run = [match]
    return kept + (run if len(run) >= least else [])


def _cut_at(line: Line, cuts: Sequence[int]) -> list[Line]:
    pieces: list[Line] = []
    edges = sorted({0, *cuts}) + [len(line.text)]
    for a, b in zip(edges, edges[1:], strict=False):
        start, end = trim(line.text, a, b)
        if start < end:
            text = line.text[start:end]
            first = not pieces
            pieces.append(
                replace(
                    line,
                    start=line.start + start,
                    end=line.start + end,
                    text=text,
                    mark=read(text),
                    after_blank=line.after_blank if first else True,
                    after_notice=line.after_notice and first,
                )
            )
    return pieces
