"""Finding the customer's question in what was pasted, and what it depends on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from assistant.stopwords import stopwords
from assistant.types import Turn
from kb.text import fold, tokens

_CUSTOMER = "客户|顾客|买家|用户|会员|客人|customer|buyer|client|user|お客様|客|고객|cliente"
_AGENT = "客服|商家|卖家|坐席|专员|店家|小二|人工|agent|seller|support|service|担当|オペレーター|상담원|agente"
_TIME = r"(?:\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\sT]*)?\d{1,2}:\d{2}(?::\d{2})?"
_LINE = re.compile(
    # [10:02] 客户 小王：…   买家(tb_1) …：   客服01 2026-01-05 10:32:11   客户 10:32: …
    rf"^\s*(?:[\[【(（]?{_TIME}[\]】)）]?\s*)?(?P<role>{_AGENT}|{_CUSTOMER})"
    r"(?:\d{1,6}(?!\d|:\d{2}))?(?:[\s_\-]*[(（\[【][^()（）\[\]【】\n]{1,20}[)）\]】]|[\s_\-]+(?!\d)[^\s:：\n]{1,12})?"
    rf"(?:\s*[\[【(（]?{_TIME}[\]】)）]?[\s:：]*|\s*[:：]\s*)(?P<text>.*)$",
    re.IGNORECASE,
)
_IS_AGENT = re.compile(rf"(?:{_AGENT})", re.IGNORECASE)

_LEANS = re.compile(
    r"^\W*(?:那|这|它|and\b|then\b|what about|how about|what if|(?:does|is|can) (?:it|that|this)\b)|呢\W*$"
)


def parse(text: str) -> tuple[str, tuple[Turn, ...]]:
    """(question, history) of a pasted chat; a text without role marks is a question by itself.

    The question is the customer's last turn; lines without a mark belong to the turn before them.
    """
    turns: list[Turn] = []
    marked = 0
    for line in text.strip().splitlines():
        match = _LINE.match(line)
        if match:
            marked += 1
            role = "agent" if _IS_AGENT.fullmatch(match.group("role")) else "customer"
            turns.append(Turn(role, match.group("text").strip()))
        elif turns:
            turns[-1] = Turn(turns[-1].role, f"{turns[-1].text}\n{line.strip()}".strip())
        elif line.strip():
            turns.append(Turn("customer", line.strip()))
    turns = [turn for turn in turns if turn.text]
    last = next((i for i in range(len(turns) - 1, -1, -1) if turns[i].role == "customer"), None)
    if not marked or last is None:
        return text.strip(), ()
    return turns[last].text, tuple(turns[:last])


def condense(question: str, history: Sequence[Turn]) -> str:
    """The question as it would be asked without the chat: what the customer said before, then the question.

    Every question of a chat is read this way: even one that sounds whole ("那运费谁出？") is about
    what was said. The agent's turns are left out: they quote rules, and would be found instead.
    """
    said = [turn.text for turn in history if turn.role == "customer"][-2:]
    return "\n".join([*said, question]) if said else question


def leans(question: str) -> bool:
    """Whether a question in a chat says by its words that it goes on from what came before: "那运费呢？"."""
    return bool(_LEANS.search(fold(question)))


def says_nothing(question: str) -> bool:
    """Whether there is nothing to look up: greetings, fillers, punctuation."""
    words = (token for token in tokens(question) if not token.startswith("_"))
    return not any(word not in stopwords() for word in words) and not _content(question)


def _content(question: str) -> str:
    folded = fold(question)
    for word in _longest_first():
        folded = folded.replace(word, "")
    return re.sub(r"[\W\d_]|[a-z]", "", folded)


@cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted((word for word in stopwords() if not word.isascii()), key=lambda word: (-len(word), word)))
