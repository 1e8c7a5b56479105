"""`kb` with the tiny embedder, as a program of its own: for tests that need another process."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import assistant.abstention
import kb.embedding
from tests.support import TinyEmbedder, calibration_record
from ui.cli import main

if __name__ == "__main__":
    kb.embedding.BundledEmbedder = lambda settings, model: TinyEmbedder()  # type: ignore[assignment, misc]
    assistant.abstention._calibrations = lambda: {TinyEmbedder.id: calibration_record()}  # type: ignore[assignment]
    main()
