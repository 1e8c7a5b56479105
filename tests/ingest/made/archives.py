"""Archives and messages as a shop sends them: names in GBK, folders in folders, an archive in an archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.ingest.made import mail, text, web, word
from tests.ingest.made.expected import Clause


@dataclass(frozen=True, slots=True)
class Archive:
    """`members`: the path inside, as a reader should see it, with the clauses of the document there."""

    name: str
    build: Callable[[], bytes]
    members: Mapping[str, tuple[Clause, ...]]


class _GbkName(zipfile.ZipInfo):
    """An entry whose name is written as old Chinese Windows does: in GBK, and not said to be."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits


def packed(members: Mapping[str, bytes], entry: type[zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(entry(name, (2024, 5, 1, 8, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def archives() -> list[Archive]:
    made = {one.name: one for one in (*text.made(), *web.made(), *word.made())}
    rules, page, document = (made[name] for name in ("rules-gb18030.txt", "help-centre.html", "plain.docx"))
    inner = {"雨具/退货.docx": document.build}
    outer = {"售后规则/退货规则.txt": rules.build, "售后规则/网页/怎样申请退款.html": page.build}
    gbk = {"售后规则/退货规则.txt": rules, "售后规则/网页/怎样申请退款.html": page}

    def nested() -> bytes:
        within = packed({name: build() for name, build in inner.items()})
        return packed({**{name: build() for name, build in outer.items()}, "雨具.zip": within})

    return [
        Archive(
            "names-in-gbk.zip",
            lambda: packed({name: build() for name, build in outer.items()}, _GbkName),
            {name: one.clauses for name, one in gbk.items()},
        ),
        Archive(
            "archive-in-archive.zip",
            nested,
            {**{name: one.clauses for name, one in gbk.items()}, "雨具.zip/雨具/退货.docx": document.clauses},
        ),
        Archive("notice-with-attachment.eml", mail.with_attachment, {"雨具.docx": document.clauses}),
    ]
