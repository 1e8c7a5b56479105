"""Formulas of Office files as one line of text that keeps their meaning: a fraction is a/b, not ab."""

from __future__ import annotations

from ingest.loaders.ooxml import Element, children

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def is_formula(node: Element) -> bool:
    return node.tag == _M + "oMath"


def one_line_formula(node: Element) -> str:
    def part(tag: str) -> str:
        found = node.find(_M + tag)
        return one_line_formula(found) if found is not None else ""

    if node.tag == _M + "t":
        return node.text or ""
    if node.tag == _M + "f":
        return f"{_held(part('num'))}/{_held(part('den'))}"
    if node.tag in (_M + "sSup", _M + "sSub", _M + "sSubSup"):
        above, below = part("sup"), part("sub")
        return part("e") + (f"_{_held(below)}" if below else "") + (f"^{_held(above)}" if above else "")
    if node.tag == _M + "rad":
        return f"{part('deg')}√{_held(part('e'))}"
    if node.tag == _M + "d":
        return f"({''.join(one_line_formula(e) for e in node.findall(_M + 'e'))})"
    return "".join(one_line_formula(child) for child in children(node) if not child.tag.endswith("Pr"))


def _held(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"
