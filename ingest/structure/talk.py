"""Questions and terms that no number or sign marks: a line that asks above its answer, a line that defines a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.numbering import HEADINGS
from ingest.structure.lines import Line
from ingest.structure.shapes import ANSWER, ASKS, BRACKET_HEADING, BULLET, ENDED, QUESTION, SENTENCE, clean

MAX_QUESTION_CHARS = 100
SURE_QUESTIONS = 3  # so many in one document are its way of writing; fewer need a title that says so, or bold type

_FAQ = re.compile(
    r"常见问题|常見問題|问答|問答|答疑|疑问|疑難|疑难|有问必答|FAQ|Q\s?[&＆]\s?A|よくある(?:ご)?質問|자주\s?묻는|preguntas frecuentes"
    r"|frequently asked",
    re.IGNORECASE,
)
_GLOSSARY = re.compile(
    r"(?:释义|釋義|定义|定義|名词解释|名詞解釋|术语(?:解释|表)?|術語|用语|用語(?:の)?(?:定義)?|용어(?:의)?\s?(?:정의)?|definitions|glossary|definiciones|glosario)"
    r"(?:(?:和|与|及|與|and)\s?[^，。]{1,6})?$",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"[*_\s]*(?:[“\"「『【](?P<quoted>[^“”\"「」『』【】]{1,40})[”\"」』】]|(?P<plain>[^：:，,。；“”\"（(]{1,24}?))[*_]*"
    r"(?:[*_]*\s*(?:[,，、/]|和|或|及|or|and)+[\s*_]*[“\"「『【][^“”\"「」『』【】]{1,40}[”\"」』】])*"
    r"(?:[（(][^（）()]{1,40}[）)])?[*_]*\s*(?:：|:\s|，?\s?是?指(?!定|引|导|示|出)|means?\b|refers? to\b|se refiere|significa|とは|(?:이?란)\s|——)"
)


def find_questions(lines: Sequence[Line], title: str) -> None:
    """Marks the lines that ask and are answered below, where the document shows that it is written that way."""
    faq = bool(_FAQ.search(title))
    found = [(i, line) for i, line in enumerate(lines) if _asks(line)]
    answered = [line for i, line in found if i + 1 < len(lines) and _answers(lines[i + 1]) and _free(lines, i)]
    bold = [line for line in answered if _is_bold(line)]
    faq = faq or any(_heads(line) and _FAQ.search(line.text[:80]) for line in lines)
    sure = answered if faq or len(answered) >= SURE_QUESTIONS else bold if len(bold) >= 2 else []
    for line in sure:
        line.asks = True


def find_terms(lines: Sequence[Line]) -> None:
    """Marks the lines of a glossary, two terms at least under a heading that says definitions."""
    for above, after in zip(lines, lines[1:], strict=False):
        plain = above.mark is None and above.row is None and above.level is None and len(above.text) <= 20
        if plain and _GLOSSARY.fullmatch(above.text.rstrip("：:")) and _TERM.match(_bare(after)):
            above.heads = True
    within: list[Line] | None = None
    for line in [*lines, None]:
        if line is not None and not _heads(line):
            if within is not None and line.row is None and (match := _TERM.match(_bare(line))):
                term = clean(match["quoted"] or match["plain"]).strip("_‘’' ")
                if term and (match["quoted"] or len(line.text) > len(term) + 4):
                    line.term = term
                    within.append(line)
            continue
        if within is not None and len(within) < 2:
            for one in within:
                one.term = ""
        within = [] if line is not None and _GLOSSARY.search(clean(line.text).rstrip("：:")) else None


def _bare(line: Line) -> str:
    text = line.mark.rest if line.mark else line.text
    return BULLET.sub("", text, count=1) if BULLET.match(text) else text


def _asks(line: Line) -> bool:
    text = line.text.rstrip("*_ ")
    if not text.endswith(ASKS) or len(text) > MAX_QUESTION_CHARS or line.level is not None or line.row is not None:
        return False
    if line.mark is not None or QUESTION.match(text) or ANSWER.match(text):
        return False
    return not SENTENCE.search(text[:-1])


def _answers(line: Line) -> bool:
    return line.level is None and line.row is None and not _asks(line) and not _heads(line)


def _free(lines: Sequence[Line], i: int) -> bool:
    """Whether a line begins a paragraph: the one before is finished."""
    line = lines[i]
    return i <= 1 or line.after_blank or bool(ENDED.search(lines[i - 1].text[-12:])) or _heads(lines[i - 1])


def _is_bold(line: Line) -> bool:
    return line.text.startswith(("**", "__")) and line.text.endswith(("**", "__"))


def _heads(line: Line) -> bool:
    return (
        line.level is not None
        or line.heads
        or (line.mark is not None and line.mark.style in HEADINGS)
        or bool(BRACKET_HEADING.match(line.text))
    )
