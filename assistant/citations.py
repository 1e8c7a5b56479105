"""The sentences of a clause that answer. Pure functions."""

from __future__ import annotations

import re

from kb.text import fold, sentences, tokens

# A sentence that only leads in ("下列情形之一的：") is shown with the one that follows it.
_LEAD_IN = re.compile(r"[：:]\s*$")
# The question of a pair of question and answer ("Q: …？", "12 | 发票 | 怎么开专票？") is the nearest and no answer.
_ASKS = re.compile(r"[?？][\s|”\"'）)]*$")
# A sentence that takes something back is shown with the one it takes it back from, and never left out behind it.
_EXCEPTS = re.compile(
    r"\W*(?:但|不过|然而|除外|例外|except\b|excluding\b|however\b|but\b|unless\b|ただし|但し|다만|단[,\s]|salvo\b|excepto\b"
    r"|sin embargo\b|pero\b|no obstante\b)"
)
# The number of a clause, before its words.
_LABEL = re.compile(
    r"[\s#*]*(?:第[^\s条]{1,8}条(?:之\d)?|[(（][^()（）]{1,4}[)）]|\d+(?:\.\d+)*[.、．)](?!\d)|\d+(?:\.\d+)+(?=\s)|[一二三四五六七八九十]+、)"
)
_ASKS_A_NUMBER = re.compile(
    r"几|多少|多久|多长|何时|什么时候|哪天|how (?:many|much|long|soon)|when|何|いつ|いくら|どのくらい|몇|얼마|언제"
    r"|cu[aá]nt|cu[aá]ndo"
)
_NUMBER = re.compile(r"\d|当天|当日|次日|即时|隔天|第二天|same day|next day")
_ENDED = re.compile(r"[。！？；：…!?;:.．|｜][”’」』\"')）】]*\s*$")
_MAX_JOINED_CHARS = 80  # of a sentence whose parts are quoted together: 保修从签收那天算；没有签收记录的，从发票…


def asks_a_number(question: str) -> bool:
    """Whether a question is for a time, an amount or a count."""
    return bool(_ASKS_A_NUMBER.search(fold(question)))


def names_a_number(text: str) -> bool:
    """Whether a sentence has a number other than its own, or a word for one (当天)."""
    return bool(_NUMBER.search(_LABEL.sub("", fold(text), count=1)))


def highlights(text: str, question: str, best: tuple[int, int] | None) -> tuple[tuple[int, int], ...]:
    """The spans of `text` to mark: one sentence, and those around it that it does not stand without.

    It is the sentence nearest by meaning (`best`, as search found it), unless another one has at least
    twice as many of the question's own words; of a pair of question and answer, a sentence of the answer; below a
    heading, one of the text. To how long or how much it goes on to the sentence beside it, on its line, that says it.
    """
    spans = _answers(text)
    if len(spans) < 2:
        return tuple(spans)
    if best is not None and best[0] < spans[0][0]:
        best = None
    asked = set(tokens(question))
    shared = [len(asked & set(tokens(text[a:b]))) for a, b in spans]
    most = shared.index(max(shared))
    chosen = next((n for n, (a, b) in enumerate(spans) if best is not None and a <= best[0] < b), most)
    if shared[most] >= 4 and shared[most] >= 2 * max(shared[chosen], 1):
        chosen = most
    first = last = chosen
    if asks_a_number(question) and not names_a_number(_sentence(text, spans[chosen])):
        line = text.rfind("\n", 0, spans[chosen][0]), text.find("\n", spans[chosen][1]) % (len(text) + 1)
        says = [line[0] < a and b <= line[1] and names_a_number(_sentence(text, (a, b))) for a, b in spans]
        if chosen + 1 < len(spans) and says[chosen + 1]:
            last += 1
        elif chosen and says[chosen - 1] and shared[chosen - 1] >= shared[chosen]:
            first -= 1
    while last + 1 < len(spans) and _goes_on(text, spans[first][0], spans[last], spans[last + 1]):
        last += 1
    while first and _goes_on(text, spans[first - 1][0], spans[first - 1], spans[last]):
        first -= 1
    while first and _EXCEPTS.match(_sentence(text, spans[first])):
        first -= 1
    if _LEAD_IN.search(_sentence(text, spans[last])) and last + 1 < len(spans):
        last += 1
    while last + 1 < len(spans) and _EXCEPTS.match(_sentence(text, spans[last + 1])):
        last += 1
    return tuple(spans[first : last + 1])


def _goes_on(text: str, start: int, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a semicolon alone stands between two parts of one short sentence."""
    between = text[one[1] : other[0]]
    return text[one[1] - 1] in "；;" and "\n" not in between and other[1] - start <= _MAX_JOINED_CHARS


def _is_heading(text: str, spans: list[tuple[int, int]]) -> bool:
    """Whether the first sentence is a line that nothing ends, above text that is no list's: 1.1 没拆封的."""
    (start, end), (below, stop) = spans[0], spans[1]
    line, following = text[start:end], text[below:stop]
    if "\n" not in text[end:below] or _ENDED.search(line) or "|" in line or not _LABEL.match(fold(line)):
        return False
    return not _LABEL.match(fold(following)) and bool(_ENDED.search(following))


def _answers(text: str) -> list[tuple[int, int]]:
    """The sentences, without the questions or the heading that they begin with."""
    spans = sentences(text)
    if len(spans) > 1 and _is_heading(text, spans):
        spans = spans[1:]
    asks = 0
    while asks < len(spans) - 1 and _ASKS.search(_sentence(text, spans[asks])):
        asks += 1
    if asks:  # what is left of a row begins with a cell, not with the line before it
        start, end = spans[asks]
        spans[asks] = end - len(text[start:end].lstrip("|｜ ")) if text[start:end].strip("|｜ ") else start, end
    return spans[asks:]


def _sentence(text: str, span: tuple[int, int]) -> str:
    return fold(text[slice(*span)])


def quote(text: str, marked: tuple[tuple[int, int], ...]) -> str:
    """The marked sentences, with what stands between them: always a slice of `text`."""
    return text[marked[0][0] : marked[-1][1]] if marked else ""
