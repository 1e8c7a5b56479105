"""The first step: what is asked, for which scope, at which date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from assistant import chat, timewords
from assistant.analysis import ALL, Analysis
from assistant.basewords import BaseWords
from assistant.cited import Cited, cited
from assistant.denoise import denoise
from assistant.masking import mask, without_placeholders
from assistant.scopewords import Named, ScopeWords
from assistant.timewords import TimeWords
from assistant.types import Request, Rewrite, Turn
from assistant.undated import undated
from kb import moments
from kb.text import language, to_simplified, tokens

# Weight of the agent's words beside the customer's in the lexical query. Right-first of BM25 alone on chats of three
# families of desk documents with 0, 0.3, 0.5, 0.7, 1.0: marketplace 0.28, 0.37, 0.41, 0.46, 0.45; logistics 0.31, 0.41,
# 0.53, 0.54, 0.55; services 0.39, 0.53, 0.59, 0.62, 0.61.
_AGENT = 0.6
# A product that is stated, not named, is what "this" in the question is. With its name before the question the right
# clause came first for 34 instead of 31 of 43 such questions of the sample corpus. Names of other scopes changed nothing.
_THIS = "product"


@dataclass(frozen=True, slots=True)
class Understood:
    question: str  # the customer's question, personal data masked
    wordings: tuple[str, ...]  # the texts that a maintainer may have decided about: with the chat, then alone
    search_text: str  # what is looked for: the question with what it leans on, in simplified characters
    undated: str  # … without the words that say when something was bought
    terms: Mapping[str, float]  # what the lexical index is asked for: tokens with weights
    scope: Mapping[str, str]  # asked for, then recognised
    recognised: Mapping[str, str]  # the part of `scope` that came from the words
    denied: Mapping[str, frozenset[str]]  # dimension -> folded values that the words say it is not about
    as_of: date | datetime  # the day or minute that the request states, else today
    at: datetime  # the moment that this means
    now: bool  # whether no other moment is stated
    time: TimeWords | None  # a moment that the words name, unless the request states a date
    language: str  # the customer's: the reply is in it
    agent_language: str
    nothing_asked: bool
    cited: Cited | None = None  # the article that is asked for by its number alone
    aside: str = ""  # what the agent just said that the question leans on
    history: tuple[Turn, ...] = ()  # the chat before the question, personal data masked
    rewrite: Rewrite | None = None  # another wording, where a model was asked for one

    @property
    def embedded(self) -> str:
        """The text that is embedded: what the agent just said, what is looked for whenever it was bought, and another
        wording of it."""
        # The agent's words first: of chats in eight families the encoder put the right clause first 2 to 9 in 100 oftener.
        parts = (self.aside, self.undated, self.rewrite.text if self.rewrite else "")
        return "\n".join(part for part in parts if part)


def understand(
    request: Request,
    scopes: ScopeWords,
    now: datetime,
    words: BaseWords | None = None,
    analysis: Analysis = ALL,
) -> Understood:
    """Pure. `now` is in the base's time zone. `words`: None adds nothing to the question's own."""
    question, pasted = chat.parse(request.question) if not request.history else (request.question.strip(), ())
    history = tuple(Turn(turn.role, mask(turn.text)) for turn in (request.history or pasted))
    question = mask(question)
    asked_in = language(question)
    condensed = chat.condense(question, history) if analysis.chat else question
    search_text = without_placeholders(denoise(condensed) if analysis.denoise else condensed).strip()
    nothing_asked = chat.says_nothing(search_text) or chat.closes(question, history)
    named = _scope(question, history, scopes, analysis)
    if _THIS not in named.meant:
        search_text = f"{request.scope.get(_THIS, '')} {search_text}".strip()
    if asked_in != "ja":  # kanji are no traditional characters; elsewhere a text may mix both
        search_text = to_simplified(search_text)
    aside = without_placeholders(chat.aside(question, history)).strip() if analysis.agent else ""
    if asked_in != "ja":
        aside = to_simplified(aside)
    recognised = {k: v for k, v in named.meant.items() if k not in request.scope}
    customer = "\n".join([*(turn.text for turn in history if turn.role == "customer"), question])
    time = timewords.find(denoise(customer), now)  # times of messages name no moment
    return Understood(
        question=question,
        wordings=(condensed,) if chat.leans(question) else (condensed, question),
        search_text=search_text,
        undated=undated(search_text, time, now) if analysis.dates else search_text,
        terms=_terms(search_text, aside, words, analysis),
        scope={**recognised, **request.scope},
        recognised=recognised,
        denied={k: v for k, v in named.denied.items() if k not in request.scope},
        as_of=request.as_of or now.date(),
        at=moments.instant(request.as_of, now),
        now=request.as_of is None,
        time=None if request.as_of else time,
        language=request.language or asked_in,
        agent_language=request.agent_language or request.language or asked_in,
        nothing_asked=nothing_asked,
        cited=_cited(question, history, time, now),
        aside=aside,
        history=history,
    )


def _scope(question: str, history: Sequence[Turn], scopes: ScopeWords, analysis: Analysis) -> Named:
    """What the whole chat says of scope; of two things that the customer says the later one counts: 那生鲜呢."""
    said = "\n".join([*(turn.text for turn in history), question])
    named = scopes.find(said, analysis.aliases)
    for turn in (*(turn.text for turn in history if turn.role == "customer"), question) if history else ():
        named = named.then(scopes.find(turn, analysis.aliases))
    return named


def _cited(question: str, history: Sequence[Turn], time: TimeWords | None, now: datetime) -> Cited | None:
    """The place that is asked for; of a document that the chat has named so, where the question names none."""
    asked = (question, *(turn.text for turn in reversed(history) if turn.role == "customer"))
    # a year may be a part of the title: 会员规则（2025版）
    said = time.words if time is not None and not re.fullmatch(r"20\d\d年?", time.words) else ""
    place, *earlier = (cited(undated(denoise(words), time, now).replace(said, "")) for words in asked)
    if place is None or place.title or not history:
        return place
    title = next((one.title for one in earlier if one is not None and one.title), "")
    return replace(place, title=title) if title else None  # 第二条呢 in a chat may be the second pair of trousers


def _terms(text: str, aside: str, words: BaseWords | None, analysis: Analysis) -> dict[str, float]:
    if words is None:
        return dict.fromkeys(tokens(text), 1.0)
    found = words.terms(text, analysis)
    more = words.terms(aside, analysis) if aside else {}
    return {**found, **{token: _AGENT * weight for token, weight in more.items() if token not in found}}
