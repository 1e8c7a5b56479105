"""The words on the desk, one TOML file per language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """The wording of one language. `words("as_of", date=…)` fills the names in braces."""

    language: str
    table: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        text = self.table[key]
        return text.format(**values) if values else text

    def name(self, group: str, value: str) -> str:
        """The word for a value that comes from the data: the value itself where none is known."""
        return self.table[group].get(value, value)


@cache
def words_for(language: str) -> Words:
    source = files("ui.web").joinpath("wording", f"{language}.toml")
    return Words(language, tomllib.loads(source.read_text(encoding="utf-8")))


def dimension_named(name: str) -> str:
    """The key of a scope dimension that is named as the desk has it in one of its languages; else the name itself."""
    for language in LANGUAGES:
        for key, word in words_for(language).table["dimension"].items():
            if word.casefold() == name.casefold():
                return key
    return name


def pick_language(chosen: str | None, accept_language: str | None) -> str:
    """The agent's own choice, else the first language of the browser that we speak."""
    if chosen in LANGUAGES:
        return chosen
    for wanted in _by_preference(accept_language or ""):
        if wanted in LANGUAGES:
            return wanted
    return DEFAULT_LANGUAGE


def other_language(language: str) -> str:
    return LANGUAGES[(LANGUAGES.index(language) + 1) % len(LANGUAGES)]


def _by_preference(accept_language: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for item in accept_language.split(","):
        tag, _, parameter = item.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        ranked.append((weight, tag.strip().lower().partition("-")[0]))
    return [tag for weight, tag in sorted(ranked, key=lambda pair: -pair[0]) if weight > 0]
