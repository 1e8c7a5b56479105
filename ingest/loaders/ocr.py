"""Text from pictures, where the `ocr` extra is installed: rapidocr, which carries its models and runs offline."""

from __future__ import annotations

import functools
import importlib.util
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest import cleaning
from ingest.errors import UnreadableFile
from ingest.loaders import pdf_layout as layout
from ingest.loaders.pdf_flow import Flow, PageText, flow
from ingest.loaders.pdf_pages import MAX_PICTURE_PIXELS, Glyph
from ingest.settings import PLAIN, Reading
from ingest.types import Extract, Removed

INSTALL = "install the ocr extra: make install-ocr"
DPI = 200
MAX_SIDE = 3000  # pixels: the recogniser itself shrinks what is larger than 2,000
MIN_LINE = 0.5  # a line with less confidence is a picture taken for text; it is listed
# Mean confidence of a page. Made scans of Chinese rules (blur, noise, skew): of pages at 0.96 and above 96 % of the
# letters and more were right, of those at 0.79 only 77 %, and below 0.6 next to none.
TRUSTED = 0.9

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of text in a picture: its corners from the upper left one clockwise, in pixels."""

    text: str
    corners: tuple[Point, Point, Point, Point]
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page read from its picture. Its measures are those of the picture turned upright."""

    glyphs: tuple[Glyph, ...]
    confidence: float  # mean over the letters; 0.0 without any
    doubtful: tuple[str, ...]  # lines left out
    width: float
    height: float


def missing() -> str | None:
    """Why text recognition cannot be used, or None. Imports nothing."""
    return None if importlib.util.find_spec("rapidocr_onnxruntime") else INSTALL


def recognise(picture: Any, width: float) -> Recognised:
    """Reads a PIL image of a page that is `width` points wide. Raises UnreadableFile if the engine fails."""
    image = np.asarray(picture.convert("RGB"))[:, :, ::-1]  # the engine was trained on BGR
    seen = _read(image)
    turn = 0  # degrees clockwise by which the picture has to be turned to be read
    upright = image
    if _lies_on_its_side(seen):
        turn, upright = 90, np.ascontiguousarray(np.rot90(image, 3))
        seen = _read(upright)
    if _upside_down(seen, upright):
        turn, upright = turn + 180, np.ascontiguousarray(np.rot90(upright, 2))
        seen = _read(upright)  # the engine turns lines one by one, and some of them wrongly
    kept = [s for s in seen if s.confidence >= MIN_LINE]
    scale = width / image.shape[1]
    glyphs = _glyphs(kept, turn, image.shape[1] * scale, image.shape[0] * scale, scale)
    letters = sum(len(s.text) for s in kept)
    confidence = sum(s.confidence * len(s.text) for s in kept) / letters if letters else 0.0
    doubtful = tuple(s.text for s in seen if s.confidence < MIN_LINE and s.text.strip())
    return Recognised(tuple(glyphs), confidence, doubtful, upright.shape[1] * scale, upright.shape[0] * scale)


def page_text(number: int, found: Recognised) -> PageText:
    lines = layout.lines(found.glyphs, number, found.width, found.height, in_order=False)
    return PageText(
        number, found.width, found.height, tuple(x for x in lines if isinstance(x, layout.Line)), recognised=True
    )


def not_trusted(number: int, confidence: float) -> str:
    return (
        f"page {number}: read from its picture with a confidence of {confidence:.0%} only; "
        "compare it with the original before you rely on it"
    )


def read_picture(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """A scan saved as PNG, JPEG or TIFF (each of its pictures is a page). Raises UnreadableFile."""
    if not reading.settings.ocr or (reason := missing()):
        why = reason if reading.settings.ocr else "text recognition is switched off: [ingest] ocr in settings.toml"
        raise UnreadableFile(name, f"found a picture; its text cannot be read ({why}).")
    pages: list[PageText] = []
    found: dict[int, float] = {}
    removed: list[Removed] = []
    for number, count, picture, scale in _pictures(data, name):
        reading.tell(f"page {number} of {count}: text recognition")
        seen = recognise(picture, picture.width * scale)
        removed += doubtful(number, seen)
        pages.append(page_text(number, seen))
        if seen.glyphs:
            found[number] = round(seen.confidence, 4)
    if not found:
        raise UnreadableFile(name, "found a picture without any text that could be recognised; expected a scan.")
    result: Flow = flow(pages)
    unread = [not_trusted(n, c) for n, c in found.items() if c < TRUSTED]
    unread += [f"page {p.number}: no text was recognised in the picture" for p in pages if p.number not in found]
    return Extract(
        text=result.text,
        rows=result.rows,
        page_starts=result.page_starts,
        notes=("read from a picture by text recognition",),
        unread=tuple(unread),
        removed=(*removed, *result.removed),
        boxes=result.boxes,
        recognised=found,
    )


def doubtful(number: int, seen: Recognised) -> list[Removed]:
    if not seen.doubtful:
        return []
    return [Removed("\n".join(seen.doubtful), f"recognised with less than {MIN_LINE:.0%} confidence", f"page {number}")]


def _pictures(data: bytes, name: str) -> Any:
    """Number, count, picture and points for a pixel of every picture in the file."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as file:
            count = getattr(file, "n_frames", 1)
            for number, frame in enumerate(ImageSequence.Iterator(file), 1):
                if frame.width * frame.height > MAX_PICTURE_PIXELS * 4:
                    raise UnreadableFile(
                        name,
                        f"the picture has {frame.width:,} × {frame.height:,} pixels, more than are read. Shrink it.",
                    )
                dpi = frame.info.get("dpi", (0, 0))[0]
                dpi = float(dpi) if dpi and 50 <= float(dpi) <= 1200 else max(frame.size) / 11.7  # else: as if A4
                picture = frame.convert("RGB")
                if max(picture.size) > MAX_SIDE:
                    share = MAX_SIDE / max(picture.size)
                    picture = picture.resize((round(picture.width * share), round(picture.height * share)))
                    dpi *= share
                yield number, count, picture, 72 / dpi
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableFile(name, f"the picture is broken ({error}). Get it again from its source.") from error


@functools.cache
def _engine() -> Any:
    try:
        import cv2
        from rapidocr_onnxruntime import RapidOCR
    except ImportError as error:
        extra = " (on Debian and Ubuntu: apt-get install libgl1 libglib2.0-0)" if ".so" in str(error) else ""
        raise UnreadableFile("text recognition", f"it cannot be started: {error}{extra}; or {INSTALL}") from error
    cv2.setNumThreads(1)  # as many files are read at once as there are processors
    return RapidOCR(text_score=0.0, intra_op_num_threads=1, inter_op_num_threads=1)


def _read(image: Any) -> list[Seen]:
    try:
        found, _ = _engine()(image)
    except UnreadableFile:
        raise
    except Exception as error:  # onnxruntime and OpenCV raise their own, without a common root
        raise UnreadableFile("text recognition", f"it failed on this picture ({type(error).__name__})") from error
    return [
        Seen(str(text), tuple((float(x), float(y)) for x, y in corners), float(score))  # type: ignore[arg-type]
        for corners, text, score in found or []
        if str(text).strip()
    ]


def _size(seen: Seen) -> tuple[float, float]:
    (ax, ay), (bx, by), _, (dx, dy) = seen.corners
    return math.hypot(bx - ax, by - ay), math.hypot(dx - ax, dy - ay)


def _lies_on_its_side(seen: Sequence[Seen]) -> bool:
    long = [s for s in seen if len(s.text) > 2]
    tall = sum(len(s.text) for s in long if _size(s)[1] > 1.5 * _size(s)[0])
    return bool(long) and tall > 0.6 * sum(len(s.text) for s in long)


def _upside_down(seen: Sequence[Seen], image: Any) -> bool:
    longest = sorted(seen, key=lambda s: -_size(s)[0])[:7]
    crops = []
    for s in longest:
        xs, ys = [p[0] for p in s.corners], [p[1] for p in s.corners]
        crop = image[int(max(0, min(ys))) : int(max(ys)) + 1, int(max(0, min(xs))) : int(max(xs)) + 1]
        if crop.size:
            crops.append(np.ascontiguousarray(crop))
    if len(crops) < 2:
        return False
    labels = _engine().text_cls(crops)[1]
    return 2 * sum(label == "180" and float(score) > 0.8 for label, score in labels) > len(crops)


def _glyphs(seen: Sequence[Seen], turn: int, width: float, height: float, scale: float) -> list[Glyph]:
    """A glyph for every character: laid out straight, with its box on the page as it is."""
    angle = _skew(seen)
    cos, sin = math.cos(-angle), math.sin(-angle)
    out: list[Glyph] = []
    for s in seen:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((x * scale, y * scale) for x, y in s.corners)
        text = cleaning.fold_radicals(cleaning.newlines(s.text)).strip()
        shares = [1.0 if layout.is_wide(c) else 0.3 if c in "il.,:;'|! " else 0.55 for c in text]
        whole = sum(shares) or 1.0
        tall = math.hypot(dx - ax, dy - ay)
        at, space = 0.0, False
        for char, share in zip(text, shares, strict=True):
            begin, end = at / whole, (at + share) / whole
            at += share
            if char.isspace():
                space = True
                continue
            quad = [
                (ax + (bx - ax) * begin, ay + (by - ay) * begin),
                (ax + (bx - ax) * end, ay + (by - ay) * end),
                (dx + (cx - dx) * end, dy + (cy - dy) * end),
                (dx + (cx - dx) * begin, dy + (cy - dy) * begin),
            ]
            straight = [(x * cos - y * sin, x * sin + y * cos) for x, y in quad]
            x0, x1 = min(p[0] for p in straight), max(p[0] for p in straight)
            y0, y1 = min(p[1] for p in straight), max(p[1] for p in straight)
            shown = _box([_back(p, turn, width, height) for p in quad])
            # the box that the recogniser draws is about a quarter taller than the type
            out.append(Glyph(char, x0, y0, x1, y1, y1 - 0.2 * tall, 0.8 * tall, 0, space, False, shown))
            space = False
    return out


def _skew(seen: Sequence[Seen]) -> float:
    """The angle of the long lines, in radians: a page that lay askew in the scanner."""
    angles = []
    for s in seen:
        width, height = _size(s)
        if width > 6 * height:
            (ax, ay), (bx, by) = s.corners[0], s.corners[1]
            angles.append(math.atan2(by - ay, bx - ax))
    if not angles:
        return 0.0
    middle = sorted(angles)[len(angles) // 2]
    return middle if abs(middle) < math.radians(15) else 0.0


def _back(point: Point, turn: int, width: float, height: float) -> Point:
    """A point of the turned picture on the page as it is displayed."""
    x, y = point
    if turn == 90:  # the picture was turned clockwise to be read
        return y, height - x
    if turn == 270:
        return width - y, x
    if turn == 180:
        return width - x, height - y
    return x, y


def _box(points: Sequence[Point]) -> tuple[float, float, float, float]:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)
