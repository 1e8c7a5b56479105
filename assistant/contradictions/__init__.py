"""Clauses in force together that say different things on one point, and clauses that say the same twice."""

from assistant.contradictions.types import Difference, Finding, Likeness, Point, Span

__all__ = ["Difference", "Finding", "Likeness", "Point", "Span"]
