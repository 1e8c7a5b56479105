"""All the files, each built once a session."""

from __future__ import annotations

import importlib.util
from functools import cache

from tests.ingest.made import mail, pdf, sheets, text, web, word
from tests.ingest.made.expected import Made
from tests.ingest.made.soffice import has_soffice

FILES: tuple[Made, ...] = (
    *text.made(),
    *web.made(),
    *sheets.made(),
    *word.made(),
    *pdf.made(),
    *mail.made(),
)
BY_NAME = {made.name: made for made in FILES}


@cache
def built(name: str) -> bytes:
    return BY_NAME[name].build()


def lacking(made: Made) -> str | None:
    """What this machine lacks to build or read the file; None: nothing."""
    have = {
        "soffice": has_soffice,
        "font": lambda: pdf.font_file() is not None,
        "ocr": lambda: importlib.util.find_spec("rapidocr_onnxruntime") is not None,
    }
    return next((need for need in made.needs if not have[need]()), None)
