"""Which steps of the question analysis are taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Analysis:
    """Every step, unless it is to be measured what one of them adds."""

    denoise: bool = True  # greetings, remains of chat windows and repeated signs are left out of what is looked for
    chat: bool = True  # a question in a chat is read with what it leans on
    agent: bool = True  # … and what the agent said is looked for with less weight
    dates: bool = True  # … and without the words that say when something was bought
    lexicon: bool = True  # what the words mean in rules is looked for as well
    sounds: bool = True  # … and what mistyped words sound like
    aliases: bool = True  # other names of a scope's values count


ALL = Analysis()
