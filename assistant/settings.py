"""The assistant's own settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kb.errors import SettingsError


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class AssistantSettings:
    line: float = _setting(0.0, "least confidence to answer with; 0 takes the calibration's own line")
    careful_below: float = _setting(0.5, "an answer below this confidence asks the agent to check it")
    escalate_to: str = _setting("", "whom to hand a question to that cannot be answered; empty: nobody is named")

    def __post_init__(self) -> None:
        for name in ("line", "careful_below"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"assistant.{name} is {getattr(self, name)}, expected 0 to 1: mend settings.toml.")
