"""What agents say of answers: appended to `feedback.jsonl` in the base's folder, masked first."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime

from assistant.masking import mask
from kb.home import Home, translated_disk_errors
from ui.types import Feedback


class FeedbackFile:
    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()

    def record(self, feedback: Feedback) -> None:
        """Raises HomeError if it cannot be kept."""
        line = json.dumps(
            {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "answer": feedback.answer_id,
                "snapshot": feedback.snapshot,
                "verdict": feedback.verdict.value,
                "note": mask(feedback.note) if feedback.note else None,
            },
            ensure_ascii=False,
        )
        file = self._home.path / "feedback.jsonl"
        with self._lock, translated_disk_errors(self._home.path), open(file, "ab") as out:
            out.write(line.encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
