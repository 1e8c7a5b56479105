"""A run as one HTML page that asks nobody for anything: `write(run, previous, file)`."""

from __future__ import annotations

from eval.page.writing import html, write

__all__ = ["html", "write"]
