"""Fixtures for every test: a tiny embedder in the place of the bundled one, and a base in a temporary folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ingest.settings import PLAIN
from ingest.workers import Pool
from tests.support import RETURNS, SHIPPING, Base, TinyEmbedder, calibration_record

# The same examples in every run, so that what is green stays green; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True, scope="session")
def warm_readers() -> Iterator[None]:
    """Reading processes outlive an ingest here: starting them anew would take most of the tests' time."""

    def pool(settings):
        return contextlib.nullcontext(shared) if settings == PLAIN.settings else Pool(settings)

    with Pool(PLAIN.settings) as shared, pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.reindex.Pool", pool)
        patch.setattr("ui.cli._readers", lambda base: contextlib.nullcontext())  # none of its own
        yield


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """An empty base."""
    return Base(tmp_path)


@pytest.fixture
def shop(base: Base) -> Base:
    """A base with two short rules, published."""
    base.write("returns.md", RETURNS)
    base.write("shipping.md", SHIPPING)
    base.ingest()
    return base


@pytest.fixture
def tiny_by_default(monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyEmbedder]:
    """What the settings call "bundled" is the tiny embedder, calibrated: for whole commands."""
    embedder = TinyEmbedder()
    monkeypatch.setattr("kb.embedding.BundledEmbedder", lambda settings, model: embedder)
    calibrations = {embedder.id: calibration_record()}
    monkeypatch.setattr("assistant.abstention._calibrations", lambda: calibrations)
    yield embedder
