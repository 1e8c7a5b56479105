from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from assistant.types import Reason
from ui.types import Verdict
from ui.web import handlers, render
from ui.web.wording import LANGUAGES, other_language, pick_language, words_for

WEB = Path(render.__file__).parent


def leaves(table: dict, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_the_same_texts_with_the_same_names() -> None:
    chinese, english = (leaves(dict(words_for(language).table)) for language in ("zh", "en"))
    assert chinese.keys() == english.keys()
    assert {key: names(text) for key, text in chinese.items()} == {key: names(text) for key, text in english.items()}


def test_no_text_is_empty_and_no_english_text_holds_chinese() -> None:
    for language in LANGUAGES:
        assert all(leaves(dict(words_for(language).table)).values())
    english = leaves(dict(words_for("en").table))
    assert [key for key, text in english.items() if re.search(r"[\u4e00-\u9fff]", text)] == ["switch_to"]


def test_every_reason_trouble_and_verdict_has_its_words() -> None:
    for language in LANGUAGES:
        table = words_for(language).table
        assert set(Reason) <= set(table["reason"]) and set(Reason) <= set(table["reason_advice"])
        assert {f"error_{trouble}" for trouble in handlers.Trouble} <= set(table)
        assert {f"feedback_{verdict}" for verdict in Verdict} <= set(table)
        assert {f"copy_{what}" for what in render.COPY_KEYS} <= set(table)


def test_every_text_is_used() -> None:
    files = [*(WEB / f"{name}.py" for name in ("render", "page", "handlers", "examples")), WEB.parent / "terminal.py"]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    built = ("error_", "feedback_", "copy_")
    top = [key for key, value in words_for("en").table.items() if isinstance(value, str) and not key.startswith(built)]
    assert [key for key in top if f'"{key}"' not in source and f"'{key}'" not in source] == []


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, "fr-FR,fr;q=0.9,en;q=0.5,zh;q=0.4", "en"),
        (None, "en;q=0.3,zh-TW;q=0.8", "zh"),
        (None, "en;q=0,zh;q=0.1", "zh"),
        (None, "de", "zh"),
        (None, None, "zh"),
        (None, "en;q=much", "zh"),
        ("en", "zh-CN", "en"),
        ("klingon", "en", "en"),
    ],
)
def test_the_agent_s_choice_comes_before_the_browser_s(chosen: str, accepted: str, language: str) -> None:
    assert pick_language(chosen, accepted) == language


def test_the_switch_goes_round() -> None:
    assert [other_language(language) for language in ("zh", "en")] == ["en", "zh"]
