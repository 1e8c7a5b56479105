"""The short run over the project's own corpus; `python -m tests.robustness sequences` takes real documents."""

from __future__ import annotations

import random
from importlib.resources import files
from pathlib import Path

import pytest

from tests.robustness.sequences import documents_below, follow


@pytest.mark.parametrize("seed", range(5))
def test_a_base_that_followed_its_folder_is_the_one_built_anew(seed: int, tmp_path: Path) -> None:
    documents = documents_below([Path(str(files("corpus")))])
    assert len(documents) > 5
    assert follow(tmp_path, documents, random.Random(seed), changes=5).total() == 5
