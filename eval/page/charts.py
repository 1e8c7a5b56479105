"""Small drawings in SVG. Places are percentages of the drawing's width and height, so that one drawing serves a
telephone and a wide screen without its text or its dots being stretched; what they look like is page.css's business."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from eval.page.wording import LANGUAGES, text

Interval = tuple[float, float]


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """An element; `None` leaves an attribute out, `_` in a name stands for `-` and a last `_` for nothing."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, Markup("").join(children))


def percent(share: float) -> str:
    return f"{min(max(share, -0.5), 1.5) * 100:.2f}%"


def interval(
    value: float, between: Interval | None, before: float | None = None, span: Interval = (0.0, 1.0)
) -> Markup:
    """A dot on a line, its interval, and a ring where it was before."""

    def at(number: float) -> str:
        return percent((number - span[0]) / ((span[1] - span[0]) or 1.0))

    parts = [tag("line", class_="track", x1="0", x2="100%", y1="50%", y2="50%")]
    if between:
        parts.append(tag("line", class_="between", x1=at(between[0]), x2=at(between[1]), y1="50%", y2="50%"))
    if before is not None:
        parts.append(tag("circle", class_="before", cx=at(before), cy="50%", r=5))
    parts.append(tag("circle", class_="dot", cx=at(value), cy="50%", r=4))
    return tag("svg", *parts, class_="interval", aria_hidden="true")


def bar(share: float, between: Interval | None) -> Markup:
    parts = [
        tag("rect", class_="track", x=0, y="20%", width="100%", height="60%"),
        tag("rect", class_="bar", x=0, y="20%", width=percent(share), height="60%"),
    ]
    if between:
        parts.append(tag("line", class_="whisker", x1=percent(between[0]), x2=percent(between[1]), y1="50%", y2="50%"))
    return tag("svg", *parts, class_="barline", aria_hidden="true")


def diverging(difference: float, between: Interval | None, extreme: float) -> Markup:
    """A bar from the middle; `extreme` is what reaches the edge."""

    def at(number: float) -> float:
        return 0.5 + 0.5 * number / (extreme or 1.0)

    start, end = sorted((0.5, at(difference)))
    kind = "helps" if difference < 0 else "costs"
    parts = [
        tag("rect", class_=kind, x=percent(start), y="22%", width=percent(end - start), height="56%"),
        tag("line", class_="middle", x1="50%", x2="50%", y1="0", y2="100%"),
    ]
    if between:
        low, high = (percent(at(number)) for number in between)
        parts.append(tag("line", class_="whisker", x1=low, x2=high, y1="50%", y2="50%"))
    return tag("svg", *parts, class_="diverging", aria_hidden="true")


def stack(parts: Mapping[str, float], order: Sequence[str], longest: float) -> Markup:
    """Stages of one answer end to end; `order` gives each its colour, the same in every bar."""
    drawn, start = [], 0.0
    for name in order:
        width = parts.get(name, 0.0) / (longest or 1.0)
        if width > 0:
            drawn.append(
                tag(
                    "rect",
                    class_=f"stage s{order.index(name) % 8}",
                    x=percent(start),
                    y=0,
                    width=percent(width),
                    height="100%",
                )
            )
        start += width
    return tag("svg", *drawn, class_="stack", aria_hidden="true")


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two, about so many."""
    step = 10 ** math.floor(math.log10((high - low or 1.0) / about))
    step = next(step * k for k in (1, 2, 2.5, 5, 10) if (high - low) / (step * k) <= about + 0.5)
    first = math.ceil(low / step - 1e-9)
    return [round((first + k) * step, 10) for k in range(int((high - low) / step + 1e-6) + 1)]


def axis(span: Interval, shares: bool) -> Markup:
    """The scale under a column of `interval`s, of shares or of plain numbers."""
    width = span[1] - span[0] or 1.0
    numbers = ticks(*span, about=3)
    marks = [
        tag(
            "text",
            _share(number, numbers) if shares else f"{number:g}",
            x=percent((number - span[0]) / width),
            y=11,
            text_anchor=_anchor((number - span[0]) / width),
        )
        for number in numbers
    ]
    return tag("svg", *marks, class_="axis", aria_hidden="true")


def plot(
    body: Iterable[Markup],
    x_label: str,
    y_label: str | None,
    spans: tuple[Interval, Interval],
    name: str,
    square: bool = False,
) -> Markup:
    """A frame with shares along both sides; `body` is drawn in percentages from the top left."""
    (left, right), (bottom, top) = spans
    parts = []
    x_ticks, y_ticks = ticks(left, right), ticks(bottom, top)
    for number in x_ticks:
        x = percent((number - left) / (right - left))
        parts.append(tag("line", class_="grid", x1=x, x2=x, y1="0", y2="100%"))
        parts.append(tag("text", _share(number, x_ticks), x=x, y="100%", dy=16, text_anchor="middle"))
    for number in y_ticks:
        y = percent(1 - (number - bottom) / (top - bottom))
        parts.append(tag("line", class_="grid", x1="0", x2="100%", y1=y, y2=y))
        parts.append(tag("text", _share(number, y_ticks), x="0", y=y, dx=-8, dy=4, text_anchor="end"))
    for language in LANGUAGES:
        words = {"class_": "w label", "lang": language}
        parts.append(tag("text", text(language, x_label), x="100%", y="100%", dy=34, text_anchor="end", **words))
        if y_label:
            parts.append(tag("text", text(language, y_label), x="0", y="0", dx=-38, dy=-12, **words))
    return tag(
        "div",
        tag("svg", *parts, *body, class_="plot", aria_hidden="true"),
        class_="frame square" if square else "frame",
        id=name,
    )


def risk_coverage(
    points: Sequence[Sequence[float]], unanswerable: Sequence[Sequence[float]], shipped: Sequence[float] | None
) -> Markup:
    """`points`: (coverage, share wrong of answered, line); `unanswerable`: the same with the share of the unanswerable
    that are answered."""
    top = min(1.0, max([0.05, *(y for _, y, *_ in [*points, *unanswerable])]) * 1.05)
    body = []
    for of, name in ((sorted(unanswerable, key=tuple), "curve second"), (sorted(points, key=tuple), "curve")):
        body += [
            tag(
                "line",
                class_=name,
                x1=percent(a[0]),
                x2=percent(b[0]),
                y1=percent(1 - a[1] / top),
                y2=percent(1 - b[1] / top),
            )
            for a, b in zip(of, of[1:], strict=False)
        ]
        if len(of) == 1:
            body.append(tag("circle", class_="dot", cx=percent(of[0][0]), cy=percent(1 - of[0][1] / top), r=4))
    if shipped:
        x, y = percent(shipped[0]), percent(1 - shipped[1] / top)
        body += [
            tag("line", class_="drop", x1=x, x2=x, y1=y, y2="100%"),
            tag("line", class_="drop", x1="0", x2=x, y1=y, y2=y),
            tag("circle", class_="shipped", cx=x, cy=y, r=6),
        ]
    # Two curves have a key of their own beside the drawing, which says what each is a share of.
    return plot(
        body, "abstention.x", None if unanswerable else "abstention.y", ((0.0, 1.0), (0.0, top)), "risk-coverage"
    )


def reliability(bins: Sequence[Sequence[float]], between: Sequence[Interval]) -> Markup:
    """`bins`: (mean confidence, share right, n); `between`: the interval of each share."""
    most = max((n for *_, n in bins), default=1)
    body = [tag("line", class_="diagonal", x1="0", x2="100%", y1="100%", y2="0")]
    for (given, right, n), (low, high) in zip(bins, between, strict=True):
        x = percent(given)
        radius = round(3 + 6 * math.sqrt(n / most), 1)
        body += [
            tag("line", class_="between", x1=x, x2=x, y1=percent(1 - low), y2=percent(1 - high)),
            tag("circle", class_="dot", cx=x, cy=percent(1 - right), r=radius),
        ]
    return plot(body, "calibration.x", "calibration.y", ((0.0, 1.0), (0.0, 1.0)), "reliability", square=True)


def _share(number: float, among: Sequence[float]) -> str:
    """Percent, with a decimal where the scale is so fine that whole ones would repeat."""
    fine = any(abs(other * 100 - round(other * 100)) > 1e-6 for other in among)
    return f"{number * 100:.1f}%" if fine else f"{number * 100:.0f}%"


def _anchor(place: float) -> str:
    return "start" if place < 0.02 else "end" if place > 0.98 else "middle"
