"""Clauses in force together that say different things on one point, and clauses that say the same twice."""

from assistant.contradictions.candidates import find
from assistant.contradictions.comparing import compare
from assistant.contradictions.judging import likeliest
from assistant.contradictions.types import Difference, Finding, Likeness, Point, Span

REVISION = 11
"""Raise when `find` comes to other findings for the same texts: findings are kept from one snapshot to the next."""

__all__ = ["REVISION", "Difference", "Finding", "Likeness", "Point", "Span", "compare", "find", "likeliest"]
