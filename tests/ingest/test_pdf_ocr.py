"""Scans made with noise and skew, read back through text recognition: text, places, order, confidence."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import reportlab
from PIL import Image, ImageFilter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import UnreadableFile
from ingest.loaders import ocr, pdf_pages
from ingest.loaders.pdf import read
from ingest.settings import PLAIN, Reading, ReadingSettings
from ingest.types import Extract

FONT = "Vera"  # it comes with reportlab
WIDTH, HEIGHT = 420, 260

# "第三条 买家自签收之日起七日内 / 可以申请退货，运费由商家承担。", drawn once: no font with hanzi is everywhere
HANZI = (
    "iVBORw0KGgoAAAANSUhEUgAAAjAAAACWAQAAAADoUI8YAAAIRElEQVR42u2ZT4wkVR3HP6+6nO7IzHbHEN3oQhe6eiI6EqKbuNmuADEcPGwMhz"
    "1o0nvjOHjiANtvAIWDxvGkB+NOSEw4kIjHNYatgYNrYthRENcEnB523R0EoXp6WKqaqvp6eNXd1TMD8bAeTLovU39+9an3fr/v7736/caIW/Hz"
    "mGPmmDlmjplj5pj/DSbGuuPR5GoK5BbCEaSPh1PzS9VnFVYxr2ndHX84uWoAIugLjA0dF6DBqPL0DGaRbgSsM8wtgGx/bBSsFhNuASFs1yGEhP"
    "yAb16hD6yQ+xEyxouATbCI330E5ZxlTB+13bhS49t9mN+eWH141ZiEG0mIkbJwu25OYICNNxu9MBu7QsEYSU3ZfswXPric9KSEqDSyW9IzRUZY"
    "nP9bx1YczOCeaHoSw04F8yuOuuO1FNjJVwFaqptNlhtdMFNXNi9XMANv9fNTjO4fuWHri7vApzmHhXWkVp7EQEIfZA9opV70rldGY/0WAMXL14"
    "DbrK+AIgQYBcEyyMSm7kVVgmMWVd+o1rgNgNx7EPB+DyEfWQCfFlDLYimrumgstCqmMMYLAQrTAkwfc9Y0LECslnMljAPzaHUYtoLxNXSvSvKd"
    "8l77LeeK5LOtZSCrjONCA6j3PyE1W3sXgLUu8Gv3niB7gDKqTnXb91xNYDs7ZDTT36vLLbgX4BcEGAPpD4GWAXYBaG/1YXSxtM+Cg5gcvnNkYP"
    "kqkLcUI8GuH8BLANec1TUWdKQ7TuDlKmbToW2+cteqpQ5kl045i+drb0GQuBXCGPDhowTIjQ/J7VXMYMlnYBrRH2zwGPircPndLALQC/nFkAhg"
    "DSRSCwtlToHXqmKaw4ymFJ0EDzyLPdP/u1vHVv2ViFUPcG4wtirmvaKKiaYuH4FB6/1vfwOAyx1ddsLJS/WpKuZ+vYppURuffUhq6l6sexsAnB"
    "DrwFNT9Y36leKg4e+LVAiwYTZatq6h4tG3ypxftTtuRR0vojPC25wKx4OzS6YP0Em+VuZx+iguMGF0lEs8x97uIbuB+jOY9pNyDkwTgH/DP+JF"
    "kKDft8UVLP67swCX4LZWndREi7uLAAuhVq6fc1eWbbAX0CLenKjUm4ygNptT0Vp5fG0B4O3TJnqwPjFuRKyw1a9sPB+z3eVB6f1LNQtsPoSWfR"
    "fY5P2whk7waklNbfOQZdBhnGKJWfPWgfUlRi96bhZBiE9xjKfG5tHHjyZ1AX8t75odyMOGfQeTuNtHLOQ/UbscgtucouIwzE2ewBhzKrNcgNz6"
    "0fPwDABH7xrBqHHu/jWngPgkwIZvc+PvxzzHipVUvAMBvIL3ZuzbFYwp9/U9/1keMQ0kGncYE5pxapJOFxwVveFAknRenVRqS231pUxqx0Av3S"
    "qaimlmUuf9DHqSNFSmG9LTKn8o1XB80pESSee1LWVSR5KUdnRRkjKptzW2HCrXDemn43Mzr8PnmDlmjplj5pg5Zo65tZiAgrz8PguCyo21YGIx"
    "6ZoMDmKisZGxWNl+joIgKqu1DFqBa8QQAA1XpJiDmNO7sAZgImTWt/0QdBrAC7lZrSwzufKiDhnrFUxujEk8cDVWn8KuNLOwCItlALNlmlSaAj"
    "cB2Y62ITcrFUxNSpPJ+eO+H50AMrvnSigjYc6+FJU1TtOar3sRXAejtUNcbDPYoZYpOgYkdmAnU9H5UyFAZyvTOdchOHN4pHYgNxvH6E6oZRuj"
    "W7VuuPLMou7sF/sYswhGnWtAyu0Dnz0drVSDrlJcJzM2gxyG3dkXjDGfKv9e9Bu20czYGTmp7AFsn32JgW8eLtsDu+Cx3owrGB/WH1oYVwNsn8"
    "1cmRS/Q9JweJlmu009q60lrdHIgzduH8HKoDE7mu0jgBcFAO3AlW6KskmxUYQExgKtdGnpyKIxJ/M6rdZ+FzdnC8nCAsaW8vcuGL8PTmm19MYu"
    "+lxWS+gFMw/5zNZtqU9Z9WwsZoCpx00MbF4BSID8OKTei6/uyrS7B3QjZDYC6lI/HvjTrkpk4A111krriCxKYelNMDqk8RJh1HEl5ZVmBvSyic"
    "UdY2gMvG0T6w3fq5S6Myou2wd2lJ6kFmmSRnGffzFwz/hpl+v3OX2r+0nL1mq9fg36uSl7a6Hf4HnXw4Ed0KPd68AvGdjDMOP6sZOCeoGR69lt"
    "b7KoP5umY262+6OLusRwaWVmTtXUnF40d07ac+3lncI8qV1S31htjqiP7nkBM7ypwxfRrHr1y7bSyK1DAvVM1jxSh3Q93NeRcroZtG4CBhmChI"
    "1G4YJgSym1fBiVb6unI/7iR+wcF+F+FcfAblIGvJMAzcokt3w7E4g/RS5lrcxB3bxezVfunhoM7jsVUbmp2HbZ5IrFyA6qGB905p8WaDgXDbrR"
    "xFeN2mxDYdi7O2awdCoC+DCsNKUaUHT/GC1Ai2yjge5/otIcecxMMw84Mgrv5TfDvA8EiZ1iusDP7FqZCJ0EFg0k5ZJVt+XyN/nngb2TEGIWCC"
    "ficb7RjxS43aIFbK9gMXfZ98oFNGLjxyWiAa/HzZ4tW7XRrIvN0SI8AaAA+K4lXPjrswjITwPHfl7Oqp7AGRoXgQeptNLHkep+YI8BmBD0JQtc"
    "+mYIsPcDIA++T+q7+OZd/FPAMlDpRUvKjHRDV6WO1OusJuegWXSKZixpkEAnVtK5IZ0fqqhdTepSVpOMxWxdnLQ6JG1I5zV0vY3OdiZLuy89nU"
    "kaFtB7WkXbYfSyVJf0pHRV0vudEuMBfAVNY/EZQ0/9DnzPAItGejxx4Q+A4+6L4gEnAjOe1Sd1TEYLt+Rry+OWYLJbg0n+e8y8mzTHzDFzzBwz"
    "x8wx/5+Y/wALAASVd7IZFAAAAABJRU5ErkJggg=="
)


def printed(*placed: tuple[float, float, str], size: float = 13) -> bytes:
    pdfmetrics.registerFont(TTFont(FONT, f"{reportlab.__path__[0]}/fonts/Vera.ttf"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    canvas.setFont(FONT, size)
    for x, y, text in placed:
        canvas.drawString(x, HEIGHT - y, text)
    canvas.save()
    return buffer.getvalue()


def scanned(data: bytes, skew: float = 0, noise: float = 0, blur: float = 0, turn: int = 0) -> Image.Image:
    """The first page as a scanner would give it."""
    picture = Image.open(io.BytesIO(pdf_pages.page_picture(data, 1, 2.5))).convert("L")
    picture = picture.rotate(skew, fillcolor=255, resample=Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(picture, float) + np.random.default_rng(7).normal(0, noise, (picture.height, picture.width))
    return Image.fromarray(pixels.clip(0, 255).astype("uint8")).rotate(-turn, expand=True)


def as_pdf(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(picture.width / 2.5, picture.height / 2.5))
    canvas.drawInlineImage(picture, 0, 0, picture.width / 2.5, picture.height / 2.5)
    canvas.save()
    return buffer.getvalue()


def bare(text: str) -> str:
    return "".join(text.split())


LINES = (
    (40, 60, "Unopened goods may be returned"),
    (40, 84, "within fifteen days of delivery."),
    (40, 130, "Shipping is paid by the store."),
)


def place(extract: Extract, word: str) -> tuple[float, float]:
    """The middle of the box in which a word begins."""
    at = extract.text.index(word)
    box = next(b for b in extract.boxes if b.start <= at < b.end)
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def test_a_noisy_skewed_scan_is_read_with_its_confidence_and_its_places() -> None:
    extract = read(as_pdf(scanned(printed(*LINES), skew=1.5, noise=15, blur=0.6)), "scan.pdf", PLAIN)
    assert bare(extract.text) == bare("".join(text for _, _, text in LINES))
    assert extract.recognised[1] > ocr.TRUSTED and extract.unread == ()
    assert any("text recognition" in note for note in extract.notes)
    assert sum(b.end - b.start for b in extract.boxes) == len(bare(extract.text))
    assert all(0 <= b.x0 <= b.x1 <= WIDTH and 0 <= b.y0 <= b.y1 <= HEIGHT for b in extract.boxes)
    _, first = place(extract, "Unopened")
    _, last = place(extract, "Shipping")
    assert abs(first - 60) < 12 and abs(last - 130) < 12


@pytest.mark.parametrize("turn", [90, 180])
def test_a_scan_that_lies_turned_is_read_and_its_boxes_are_those_of_the_page_as_it_lies(turn: int) -> None:
    picture = scanned(printed(*LINES), turn=turn)
    extract = read(as_pdf(picture), "scan.pdf", PLAIN)
    assert bare(extract.text) == bare("".join(text for _, _, text in LINES))
    x, y = place(extract, "Shipping")
    middle = (40 + 30, 130 - 5)
    expected = (WIDTH - middle[0], HEIGHT - middle[1]) if turn == 180 else (HEIGHT - middle[1], middle[0])
    assert abs(x - expected[0]) < 45 and abs(y - expected[1]) < 45


def test_two_columns_of_a_scan_are_read_one_after_the_other() -> None:
    left = ["Goods may be sent back", "within seven days, but", "only in their original", "box and with a receipt"]
    right = ["We pay the money back", "to the card from which", "it came, within a week", "of seeing the goods."]
    placed = [(25, 60 + 22 * i, t) for i, t in enumerate(left)] + [(225, 60 + 22 * i, t) for i, t in enumerate(right)]
    extract = read(as_pdf(scanned(printed(*placed), noise=8)), "scan.pdf", PLAIN)
    assert bare(extract.text) == bare("".join(left + right))


def test_a_page_that_is_hard_to_read_is_named_as_not_trustworthy() -> None:
    picture = scanned(printed(*LINES), blur=3.2, noise=45)
    try:
        extract = read(as_pdf(picture), "scan.pdf", PLAIN)
    except UnreadableFile as error:
        assert "no text layer" in error.reason or "text recognition" in error.reason
    else:
        assert extract.recognised[1] < ocr.TRUSTED
        assert any("compare it with the original" in said for said in extract.unread)


def test_a_picture_of_chinese_text_is_read_as_a_document() -> None:
    extract = ocr.read_picture(base64.b64decode(HANZI), "scan.png", PLAIN)
    assert bare(extract.text) == "第三条买家自签收之日起七日内可以申请退货，运费由商家承担。"
    assert extract.recognised[1] > ocr.TRUSTED


def test_a_picture_is_refused_where_recognition_is_off_or_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile, match="switched off"):
        ocr.read_picture(base64.b64decode(HANZI), "scan.png", Reading(ReadingSettings(ocr=False)))
    monkeypatch.setattr(ocr, "missing", lambda: ocr.INSTALL)
    with pytest.raises(UnreadableFile, match="make install-ocr"):
        ocr.read_picture(base64.b64decode(HANZI), "scan.png", PLAIN)


def test_a_broken_picture_and_one_without_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="broken"):
        ocr.read_picture(base64.b64decode(HANZI)[:200], "scan.png", PLAIN)
    blank = io.BytesIO()
    Image.new("L", (300, 200), 255).save(blank, "PNG")
    with pytest.raises(UnreadableFile, match="without any text"):
        ocr.read_picture(blank.getvalue(), "blank.png", PLAIN)
