"""The report's texts, in both languages at once: the reader's browser shows one of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

LANGUAGES = {"en": "en.toml", "zh-Hans": "zh.toml"}


@cache
def texts(language: str) -> Mapping[str, Any]:
    return tomllib.loads((files("eval.page") / LANGUAGES[language]).read_text(encoding="utf-8"))


def text(language: str, key: str) -> str:
    """`key` is a name, or a section and a name with a dot between."""
    found: Any = texts(language)
    for part in key.split(".", 1):
        found = found[part]
    return str(found)


def say(key: str, **values: object) -> Markup:
    """The text in every language, one element each; values are escaped unless they are markup, and may be said in
    two languages themselves."""
    return Markup("").join(
        Markup('<span class="w" lang="{}">{}</span>').format(
            language, Markup(text(language, key)).format(**values) if values else text(language, key)
        )
        for language in LANGUAGES
    )


def known(section: str, name: str) -> Markup:
    """The words for a name that runs are free to invent (a style, a stage): the name itself where none are kept."""
    if all(name in texts(language).get(section, {}) for language in LANGUAGES):
        return Markup("").join(
            Markup('<span class="w" lang="{}">{}</span>').format(language, texts(language)[section][name])
            for language in LANGUAGES
        )
    return Markup("{}").format(name)
