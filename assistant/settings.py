"""The assistant's own settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from kb.errors import SettingsError


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class AssistantSettings:
    line: float = _setting(
        0.0, "least chance that a clause covers the question to answer it; 0 takes the calibration's own line"
    )
    careful_below: float = _setting(0.5, "an answer below this confidence asks the agent to check it")
    escalate_to: str = _setting("", "whom to hand a question to that cannot be answered; empty: nobody is named")

    def __post_init__(self) -> None:
        for name in ("line", "careful_below"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"assistant.{name} is {getattr(self, name)}, expected 0 to 1: mend settings.toml.")


@dataclass(frozen=True, slots=True)
class RewritingSettings:
    """Empty `base_url`: off, and nothing leaves the machine."""

    base_url: str = _setting(
        "", "an OpenAI-compatible server that words questions anew, such as http://127.0.0.1:8000/v1"
    )
    model: str = _setting("", "the name of its model")
    api_key_env: str = _setting("KOUJING_REWRITING_KEY", "the environment variable that holds its key, if it wants one")
    timeout_s: float = _setting(2.0, "how long a question waits for it at most (seconds); then it is answered without")

    def __post_init__(self) -> None:
        if self.base_url and not re.fullmatch(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", self.base_url):
            raise SettingsError(
                f"rewriting.base_url is {self.base_url!r}, expected an address such as http://127.0.0.1:8000/v1, without "
                "a name or key in it: mend settings.toml."
            )
        if self.base_url and not self.model.strip():
            raise SettingsError(
                "rewriting.model is empty, expected the name of the server's model: mend settings.toml."
            )
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.api_key_env):
            raise SettingsError(
                f"rewriting.api_key_env is {self.api_key_env!r}, expected the name of an environment variable, not the "
                "key: mend settings.toml."
            )
        if not 0.1 <= self.timeout_s <= 30:
            raise SettingsError(f"rewriting.timeout_s is {self.timeout_s}, expected 0.1 to 30: mend settings.toml.")
