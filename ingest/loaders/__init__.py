"""Bytes to text: one module per format, one door."""

from ingest.loaders.door import load

__all__ = ["load"]
