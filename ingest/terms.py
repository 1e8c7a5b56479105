"""What decides how a source is read beside its bytes: its place, what maintainers say of it, and our own revision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, tzinfo

from ingest.errors import InvalidMetadata
from ingest.sources import Source
from kb import moments
from kb.settings import BaseSettings
from kb.types import Status

READER_REVISION = 7
"""Raise when loaders, structure or metadata read a file differently: every document is then read again."""


def fingerprint(
    source: Source, given: Mapping[str, str], settings: BaseSettings, boilerplate: frozenset[str] = frozenset()
) -> str:
    """Everything but the bytes that decides how a source is read; what stands before a "-" decides how it is loaded.

    `boilerplate`: pass the lines that this document has, not those of the whole folder; else one new notice in one
    file would have every file read again.
    """
    parts = [READER_REVISION, source.key, source.rules, source.defaults, given, settings.authorities, settings.timezone]
    loaded = _sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode())[:16]
    lines = json.dumps(sorted(boilerplate), ensure_ascii=False)
    return f"{loaded}-{_sha256(lines.encode())[:8]}" if boilerplate else loaded


def check_fields(fields: Mapping[str, str], evidence: Mapping[str, str], settings: BaseSettings) -> None:
    """Raises InvalidMetadata for a date that is none, an authority without a rank and a status that is none of three.

    "" takes a value back.
    """
    zone = settings.zone()
    for key, parse, expected in _DATES:
        if value := fields.get(key):
            try:
                parse(value, zone)
            except ValueError as error:
                raise InvalidMetadata(key, value, expected, f"It comes from {evidence[key]}: correct it.") from error
    first, last = fields.get("effective_from"), fields.get("effective_to")
    if first and last and not is_after(last, first, zone):
        raise InvalidMetadata(
            "effective_to",
            last,
            f"a day or minute not before effective_from, {first}",
            f"It comes from {evidence['effective_to']}: correct one of the two.",
        )
    authority = fields.get("authority")
    if authority and authority not in settings.authorities:
        raise InvalidMetadata(
            "authority",
            authority,
            f"one of {', '.join(settings.authorities)}",
            f"It comes from {evidence['authority']}: correct it, or add the rank to base.authorities in settings.toml.",
        )
    status = fields.get("status")
    if status and status.casefold() not in STATUS_WORDS:
        raise InvalidMetadata(
            "status",
            status,
            "draft, published or retired (草稿, 已发布, 已废止)",
            f"It comes from {evidence['status']}: correct it.",
        )


_MOMENT = "a date such as 2025-06-01 or a minute such as 2025-06-01T20:00 (with a zone: 2025-06-01T20:00+09:00)"
_DATES: tuple[tuple[str, Callable[[str, tzinfo], date], str], ...] = (
    ("effective_from", moments.parse_from, _MOMENT),
    ("effective_to", moments.parse_until, _MOMENT),
    ("review_by", lambda text, _: date.fromisoformat(text), "a date such as 2025-06-01"),
)
STATUS_WORDS = {
    word: status.value
    for status, words in {
        Status.DRAFT: "draft 草稿 草案 起草中 征求意见稿 征求意见中 待发布 未发布",
        Status.PUBLISHED: "published active current final approved effective 已发布 发布 正式 现行 现行有效 有效 生效 已生效",
        Status.RETIRED: "retired archived obsolete withdrawn deprecated 已废止 废止 失效 已失效 作废 已作废 停用 已停用 下线 已下线",
    }.items()
    for word in words.split()
}
"""How maintainers write the three, beside our own words."""


def is_after(last: str, first: str, zone: tzinfo) -> bool:
    """Whether what ends on `last` is in force at all if it begins on `first`."""
    return moments.parse_until(last, zone) > moments.parse_from(first, zone)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
