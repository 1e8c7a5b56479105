"""The words of an answer, from `templates/*.toml`, in the language of whoever reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from kb.types import Version

LANGUAGES = ("zh", "en")


class Wording:
    def __init__(self, language: str) -> None:
        self.language = "zh" if language.lower().startswith("zh") else "en"
        self._table = _read(self.language)

    def say(self, section: str, name: str, **values: Any) -> str:
        return self._table[section][name].format(**values)

    def date(self, moment: date | datetime) -> str:
        """A day; of a moment that is not a day's first, the minute too."""
        day = self._table["words"]["date"].format(year=moment.year, month=moment.month, day=moment.day)
        if isinstance(moment, datetime) and (moment.hour or moment.minute):
            return self._table["words"]["minute"].format(day=day, time=f"{moment:%H:%M}")
        return day

    def dimension(self, name: str) -> str:
        return self._table["words"]["dimension"].get(name, name)

    def authority(self, name: str) -> str:
        return self._table["words"]["authority"].get(name, name)

    def scope(self, scope: Mapping[str, str]) -> str:
        words = self._table["words"]
        if not scope:
            return words["general"]
        pairs = (words["pair"].format(dimension=self.dimension(k), value=v) for k, v in sorted(scope.items()))
        return self.join(pairs)

    def standing(self, version: Version) -> str:
        """A version by its rank and the values of its scope: 类目规则（生鲜）."""
        if not version.scope:
            return self.authority(version.authority)
        values = self.join(value for _, value in sorted(version.scope.items()))
        return self._table["words"]["standing"].format(authority=self.authority(version.authority), scope=values)

    def join(self, parts) -> str:
        return self._table["words"]["separator"].join(parts)


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("assistant").joinpath(f"templates/{name}.toml").read_text("utf-8"))
