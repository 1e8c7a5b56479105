"""Fixtures for every test: a tiny embedder in the place of the bundled one, and a base in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import RETURNS, SHIPPING, Base, TinyEmbedder, calibration_record


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
    monkeypatch.setattr("kb.embedding.BundledEmbedder", lambda settings: embedder)
    calibrations = {embedder.id: calibration_record()}
    monkeypatch.setattr("assistant.abstention._calibrations", lambda: calibrations)
    yield embedder
