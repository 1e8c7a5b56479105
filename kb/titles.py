"""Which documents a title means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from kb.types import Version

_DAY_BEHIND = re.compile(r"\((?:19|20)\d\d[-./年]?\d{1,2}[-./月]?\d{1,2}日?\)$")
_ISSUER = re.compile(r"^[^《》]{2,60}?(?:法院|检察院|总局|委员会|国务院|公司|平台|[部署局])(?=关于)")


def by_title(versions: Iterable[Version]) -> Mapping[str, list[Version]]:
    """Plain title -> the versions that bear it, also one that ends in a day, without that."""
    found: dict[str, list[Version]] = {}
    for version in versions:
        for name in dict.fromkeys((plain(version.title), _DAY_BEHIND.sub("", plain(version.title)))):
            found.setdefault(name, []).append(version)
    return found


def plain(title: str) -> str:
    """A title as it is compared: however it is spaced and bracketed, with or without the country's name and its issuer's."""
    bare = "".join(unicodedata.normalize("NFKC", title).split()).casefold()
    bare = bare.strip("《》“”\"'").replace("〈", "《").replace("〉", "》").removeprefix("中华人民共和国")
    return _ISSUER.sub("", bare)
