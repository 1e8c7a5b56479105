"""HTML: the main text of a page, without what surrounds it. Nothing is fetched.

A wrong guess here loses policy text, so whatever is not clearly a surrounding stays, and what goes is listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from ingest.loaders import text as plain
from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_SILENT = (
    "script",
    "style",
    "template",
    "svg",
    "math",
    "canvas",
    "object",
    "embed",
    "audio",
    "video",
    "map",
    "datalist",
)
_AROUND = {
    "nav": "site navigation",
    "header": "page header",
    "footer": "page footer",
    "aside": "sidebar",
    "form": "form",
    "button": "button",
    "select": "form",
    "textarea": "form",
    "dialog": "dialog",
    "menu": "site navigation",
    "noscript": "shown only without scripts",
}
_AROUND_ROLES = {
    "navigation": "site navigation",
    "banner": "page header",
    "contentinfo": "page footer",
    "complementary": "sidebar",
    "search": "form",
    "dialog": "dialog",
    "alertdialog": "dialog",
    "toolbar": "button",
    "menubar": "site navigation",
}
_NAMED = (  # words of class and id names: each stands for one kind of surrounding on every site that uses it
    (re.compile(r"(?:^|[-_\s])(?:breadcrumbs?|crumbs?|bread-?nav|mianbaoxie)(?:$|[-_\s])"), "breadcrumbs"),
    (
        re.compile(
            r"(?:^|[-_\s])(?:cookies?|gdpr|consent)(?:$|[-_\s]?(?:banner|bar|notice|consent|popup|law|modal|message))"
        ),
        "cookie notice",
    ),
    (re.compile(r"(?:^|[-_\s])(?:side-?bar|side-?nav|left-?nav|right-?rail|side-?menu)(?:$|[-_\s])"), "sidebar"),
    (
        re.compile(
            r"(?:^|[-_\s])(?:site-?nav|nav-?bar|main-?nav|top-?nav|global-?nav|nav-?menu|top-?bar|site-?header|page-?header)(?:$|[-_\s])"
        ),
        "site navigation",
    ),
    (
        re.compile(r"(?:^|[-_\s])(?:site-?footer|page-?footer|copyright|footer-?(?:links|nav|menu))(?:$|[-_\s])"),
        "page footer",
    ),
    (
        re.compile(
            r"(?:^|[-_\s])(?:related|recommend(?:ed|ation)?s?|see-?also|more-?articles|recent(?:ly)?-?(?:viewed|articles|posts)|popular|hot-?(?:articles|questions))(?:$|[-_\s])"
        ),
        "related articles",
    ),
    (
        re.compile(
            r"(?:^|[-_\s])(?:share|sharing|social)(?:$|[-_\s]?(?:buttons?|bar|links?|icons?|tools?|box|list|media))"
        ),
        "share buttons",
    ),
    (re.compile(r"(?:^|[-_\s])(?:comments?|disqus|comment-?(?:list|section|area|form)|respond)$"), "comments"),
    (re.compile(r"(?:^|[-_\s])(?:pagination|pager|prev-?next|post-?nav(?:igation)?)(?:$|[-_\s])"), "page links"),
    (
        re.compile(
            r"(?:^|[-_\s])(?:article-?(?:votes?|feedback)|was-?(?:this-?)?helpful|helpful(?:ness)?|feedback|rating|votes?)$"
        ),
        "feedback form",
    ),
    (
        re.compile(
            r"(?:^|[-_\s])(?:advert(?:isement)?s?|ads?-?(?:box|banner|slot)|sponsored|newsletter|subscribe)(?:$|[-_\s])"
        ),
        "advertisement",
    ),
    (
        re.compile(r"(?:^|[-_\s])(?:skip-?(?:link|nav|to-?content)|back-?to-?top|go-?top|toolbar)(?:$|[-_\s])"),
        "page links",
    ),
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FOLDED = re.compile(
    r"(?:^|[-_\s])(?:accordion|collaps\w*|panel|answer|faq|tab|toggle|expand\w*|content|detail\w*|body)(?:$|[-_\s])",
    re.IGNORECASE,
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "o:p",
        "output",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_BLANK = re.compile(r"[ \t\r\f\v\u00a0]+")
_MAX_FILLED = 200_000  # places of one table; beyond, a cell stands once, however far it says that it reaches
_MAX_DEPTH = 256  # a table deeper down is read as text: browsers nest 512 deep, and a look inside costs its depth
_MOST_OF = 0.5  # a surrounding that holds more than this share of the text is no surrounding
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:$|[T ])")
_ASKING = re.compile(
    r"[?？]\s*$|[吗呢么]\s*$|^(?:Q\d*[.:：]|问[:：])|^(?:如何|怎[么样]|为什么|为何|多久|多少|什么|哪|是否|可[以不]|能[否不]?|几)"
    r"|^(?:how|what|when|where|why|who|which|can|do|does|is|are|will|may)\b|[か까]\s*$|^¿",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"[（(]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})[)）.．、]|第[一二三四五六七八九十\d]{1,4}[条章节项]|[•·●○▪◆■※-]\s"
)


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    declared = re.search(rb"""(?i)<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", data[:4096])
    decoded = plain.decode(data, name, declared[1].decode("ascii", "replace") if declared else None)
    return decoded.onto(read_markup(decoded.text, reading))


def read_markup(markup: str, reading: Reading = PLAIN) -> Extract:
    """Reads markup that is text already: a page, or the body of a message."""
    reading.tell("parsing the page")
    soup = BeautifulSoup(markup, "lxml")
    assembly = Assembly()
    fields = _dates(soup)
    title = _title(soup)
    if frames := [str(f.get("src")) for f in soup.find_all(["frame", "iframe"]) if f.get("src")]:
        shown = ", ".join(frames[:5])
        assembly.unread.append(f"{len(frames)} framed pages are files of their own and were not read: {shown}")
    for tag in soup.find_all(_SILENT):
        tag.decompose()
    body = soup.body or soup
    reading.tell("finding the main text")
    _drop_hidden(body, assembly)
    _drop_surroundings(body, assembly)
    main = _main(body, assembly)
    _walk(main, assembly, reading)
    if title and not assembly.headings and not main.find("h1"):
        assembly.notes.append("the title comes from the page's <title>")
    return assembly.extract(title=title, fields=fields)


# --- what the page says of itself ------------------------------------------------------------------------------


def _title(soup: BeautifulSoup) -> str | None:
    """The only <h1>; of several, or of none, what <title> says, without the site's name where the two tell it apart."""
    heads = [text for h in soup.find_all("h1", limit=8) if (text := _words(h))]  # unclosed ones hold all that follows
    found = soup.find("title")
    stated = _words(found) if found is not None else ""
    if len(heads) == 1 or (heads and not stated):
        return heads[0]
    inside = [head for head in heads if head in stated]
    return (max(inside, key=len) if inside else stated) or None


def _dates(soup: BeautifulSoup) -> dict[str, str]:
    """Days of publication and of the last change, where all that the page says of them agrees."""
    said: dict[str, set[str]] = {"published": set(), "revised": set()}
    for tag in soup.find_all("meta"):
        key = str(tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower()
        field = {
            "article:published_time": "published",
            "datepublished": "published",
            "article:modified_time": "revised",
            "datemodified": "revised",
            "last-modified": "revised",
        }.get(key)
        if field and (day := _DAY.match(str(tag.get("content") or ""))):
            said[field].add(day[1])
    for tag in soup.find_all("script", type="application/ld+json"):
        try:
            parsed = json.loads(tag.string or "")
        except (ValueError, RecursionError):
            continue
        for item in _articles(parsed):
            for key, field in (("datePublished", "published"), ("dateModified", "revised")):
                if day := _DAY.match(str(item.get(key) or "")):
                    said[field].add(day[1])
    return {field: days.pop() for field, days in said.items() if len(days) == 1}


def _articles(parsed: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(parsed, dict):
        yield parsed
        for value in parsed.get("@graph") or ():
            yield from _articles(value, depth + 1)
    elif isinstance(parsed, list):
        for value in parsed:
            yield from _articles(value, depth + 1)


# --- what is not the text --------------------------------------------------------------------------------------


def _drop_hidden(body: Tag, assembly: Assembly) -> None:
    """Hidden elements go, but not the folded answers of a list of questions: a click shows those to every reader."""
    controlled = {str(t["aria-controls"]).lstrip("#") for t in body.select("[aria-controls]")}
    controlled |= {str(t["data-target"]).lstrip("#") for t in body.select("[data-target]")}
    controlled |= {str(t["href"])[1:] for t in body.select('a[href^="#"]')}
    unfolded = 0
    gone: set[int] = set()
    for tag in body.find_all(True):
        if id(tag) in gone or not _is_hidden(tag):
            continue
        names = f"{_names(tag)} {tag.get('role') or ''}"
        if tag.get("id") in controlled or tag.get("role") in ("tabpanel", "region") or _FOLDED.search(names):
            unfolded += next(tag.stripped_strings, None) is not None
            continue
        _take_out(tag, "hidden in the page", assembly, gone)
    if unfolded:
        assembly.notes.append(f"{unfolded} folded parts of the page were read as if opened")


def _is_hidden(tag: Tag) -> bool:
    if not tag.attrs:
        return False
    style = tag.attrs.get("style")
    if style and _HIDDEN_STYLE.search(str(style)):
        return True
    return "hidden" in tag.attrs or (
        str(tag.attrs.get("aria-hidden", "")).lower() == "true" and tag.name not in ("img", "i", "svg")
    )


def _drop_surroundings(body: Tag, assembly: Assembly) -> None:
    lengths = _lengths(body)
    whole = max(1, lengths[id(body)])
    gone: set[int] = set()
    for tag in body.find_all(True):
        if id(tag) in gone or (reason := _surrounding(tag)) is None:
            continue
        if lengths[id(tag)] > _MOST_OF * whole or (tag.name != "nav" and tag.find("h1") is not None):
            continue
        _take_out(tag, reason, assembly, gone)


def _lengths(body: Tag) -> dict[int, int]:
    """How many characters of text every element holds, blanks aside, by its `id`: children before their parents."""
    lengths: dict[int, int] = {}
    for tag in reversed([body, *body.find_all(True)]):
        lengths[id(tag)] = sum(
            lengths[id(child)]
            if isinstance(child, Tag)
            else 0
            if isinstance(child, PreformattedString)
            else len("".join(str(child).split()))
            for child in tag.children
        )
    return lengths


def _surrounding(tag: Tag) -> str | None:
    name, attrs = tag.name, tag.attrs
    if name == "button":
        opens = "aria-expanded" in attrs or "aria-controls" in attrs or "data-target" in attrs
        inside = tag.find_parent(["h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"]) is not None
        return None if opens or inside else "button"
    if name == "header" and tag.find_parent(["main", "article", "section"]) is not None:
        return None  # of the text, not of the page
    if name == "footer" and tag.find_parent("blockquote") is not None:
        return None
    if name == "form" and (tag.find(["p", "h1", "h2", "h3", "table", "li"]) is not None):
        return None  # some systems wrap the whole page in one
    if (reason := _AROUND.get(name)) is not None:
        return reason
    if not attrs:
        return None
    if (reason := _AROUND_ROLES.get(str(attrs.get("role", "")).lower())) is not None:
        return reason
    if name in ("html", "body", "main", "article") or not ("class" in attrs or "id" in attrs):
        return None
    names = _names(tag)
    return next((reason for pattern, reason in _NAMED if pattern.search(names)), None)


def _names(tag: Tag) -> str:
    classes = tag.attrs.get("class") or ()
    joined = " ".join([*([classes] if isinstance(classes, str) else classes), str(tag.attrs.get("id") or "")])
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", joined).lower()


def _main(body: Tag, assembly: Assembly) -> Tag:
    """The element that holds the main text: <main>, a lone <article>, else the body."""
    marked = body.find_all("main") or body.select('[role="main"]') or body.find_all("article")
    if len(marked) != 1 or marked[0] is body:
        return body
    main = marked[0]
    whole, inside = len(_words(body)), len(_words(main))
    if inside < _MOST_OF * whole or not inside:  # the mark is on something else: a teaser, one answer of many
        return body
    outer = main
    while outer.parent is not None and outer is not body:
        for sibling in [*outer.previous_siblings, *outer.next_siblings]:
            words = _words(sibling) if isinstance(sibling, Tag) else _of_string(sibling)
            assembly.leave_out(words, "outside the main part of the page", "around the main text")
        outer = outer.parent
    return main


def _take_out(tag: Tag, reason: str, assembly: Assembly, gone: set[int]) -> None:
    """`gone` gets the ids of all that went along: asking a tag whether it was decomposed searches all below it."""
    assembly.leave_out(_words(tag), reason, f"<{tag.name}>")
    gone.update(id(inner) for inner in tag.find_all(True))
    tag.extract()


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _of_string(node: object) -> str:
    return "" if isinstance(node, PreformattedString) else " ".join(str(node).split())


# --- the text --------------------------------------------------------------------------------------------------


class _Lists:
    """The numbers that a reader sees before list items."""

    def __init__(self) -> None:
        self._next: list[tuple[str, int, int]] = []  # type, next number, step

    def enter(self, tag: Tag) -> None:
        if tag.name != "ol" or "none" in str(tag.get("style") or "").lower().partition("list-style")[2][:24]:
            self._next.append(("", 0, 0))
            return
        kind = str(tag.get("type") or "1")
        style = str(tag.get("style") or "").lower()
        for word, letter in (
            ("lower-alpha", "a"),
            ("upper-alpha", "A"),
            ("lower-latin", "a"),
            ("upper-latin", "A"),
            ("lower-roman", "i"),
            ("upper-roman", "I"),
            ("cjk-", "一"),
            ("chinese", "一"),
        ):
            kind = letter if word in style else kind
        backwards = tag.has_attr("reversed")
        first = _number(tag.get("start"), len(tag.find_all("li", recursive=False)) if backwards else 1)
        self._next.append((kind, first, -1 if backwards else 1))

    def leave(self) -> None:
        if self._next:
            self._next.pop()

    def marker(self, item: Tag) -> str:
        if not self._next or not self._next[-1][2]:
            return ""
        kind, number, step = self._next[-1]
        number = _number(item.get("value"), number)
        self._next[-1] = (kind, number + step, step)
        if "none" in str(item.get("style") or "").lower().partition("list-style")[2][:24]:
            return ""
        if _MARKER.match(_beginning(item)):
            return ""  # the number is written out in the text
        return _shown(kind, number)


def _beginning(tag: Tag) -> str:
    """Its first dozen characters of text or some more: lists nest, and the whole text of each costs its square."""
    found = ""
    for string in tag.strings:
        found = (found + str(string)).lstrip()
        if len(found) >= 12:
            break
    return found


def _number(value: object, otherwise: int) -> int:
    return int(str(value)) if value is not None and re.fullmatch(r"-?\d{1,6}", str(value).strip()) else otherwise


def _shown(kind: str, number: int) -> str:
    if kind in "aA" and 0 < number < 703:
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(97 + rest) + letters
        return (letters if kind == "a" else letters.upper()) + ". "
    if kind in "iI" and 0 < number < 4000:
        roman = ""
        for value, sign in (
            (1000, "m"),
            (900, "cm"),
            (500, "d"),
            (400, "cd"),
            (100, "c"),
            (90, "xc"),
            (50, "l"),
            (40, "xl"),
            (10, "x"),
            (9, "ix"),
            (5, "v"),
            (4, "iv"),
            (1, "i"),
        ):
            count, number = divmod(number, value)
            roman += sign * count
        return (roman if kind == "i" else roman.upper()) + ". "
    if kind == "一" and 0 < number < 100:
        tens, ones = divmod(number, 10)
        digits = "零一二三四五六七八九"
        return ("" if not tens else "十" if tens == 1 else digits[tens] + "十") + (digits[ones] if ones else "") + "、"
    return f"{number}. "


def _walk(root: Tag, assembly: Assembly, reading: Reading) -> None:
    """Blocks become lines, headings and table rows; inline text runs on. Iterative: pages nest thousands deep."""
    run: list[str] = []
    lists = _Lists()
    blocks = 0
    asked: set[int] = set()  # the headings that are questions of a list, counted from 1

    def outer(assembly: Assembly) -> int:
        """The level of the heading that a list of questions stands under."""
        return next((h.level for n, h in reversed([*enumerate(assembly.headings, 1)]) if n not in asked), 0)

    def flush() -> None:
        nonlocal blocks
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", _BLANK.sub(" ", "".join(run))).replace("\0", "\n")
        run.clear()
        if text.strip():
            assembly.line(text)
            blocks += 1
            if blocks % 2000 == 0:
                reading.tell(f"{blocks} paragraphs")

    stack: list[Iterator[object]] = [iter(root.children)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif isinstance(node, PreformattedString):
            continue
        elif isinstance(node, NavigableString):
            run.append(re.sub(r"\s+", " ", str(node)))
        elif isinstance(node, Tag):
            name = node.name
            if re.fullmatch(r"h[1-6]", name):
                flush()
                assembly.heading(_inline_text(node), int(name[1]))
            elif node.get("role") == "heading" and str(node.get("aria-level") or "2") in "123456":
                flush()
                assembly.heading(_inline_text(node), int(str(node.get("aria-level") or "2")))
            elif name == "summary" or name == "dt" and _is_question_list(node.parent):
                flush()
                assembly.heading(_inline_text(node), outer(assembly) + 1)
                asked.add(len(assembly.headings))
            elif name == "dt" and (meaning := _meaning(node)) is not None:
                flush()
                run.append(f"{_inline_text(node).strip().rstrip('：:')}：")
                stack.append(_then(meaning.extract(), flush))
            elif name == "table" and len(stack) <= _MAX_DEPTH and _is_data_table(node):
                flush()
                grid, stated, whole = _grid(node)
                if not whole:
                    assembly.notes.append("a table's cells reach over so many others that not all of them were filled")
                caption = node.find("caption")
                named = _words(caption) if caption is not None else ""
                if named and caption is not None:
                    assembly.line(named)
                assembly.table(grid, named, stated)
            elif name == "br":
                run.append("\n")
            elif name == "pre":
                flush()
                run.append(re.sub(r"\n", "\0", node.get_text().strip("\n")))
                flush()
            elif name == "img":
                if alt := str(node.get("alt") or "").strip():
                    assembly.leave_out(alt, "a picture's description", "<img>")
            elif name == "ruby":
                run.append(_ruby(node, assembly))
            elif name in _INLINE:
                stack.append(iter(node.children))
            else:
                flush()
                if name in ("ol", "ul"):
                    lists.enter(node)
                    stack.append(_then(node, flush, lists.leave))
                else:
                    if name == "li" and (mark := lists.marker(node)):
                        run.append(mark)
                        stack.append(_item(node, flush))
                    else:
                        stack.append(_then(node, flush))
        elif callable(node):
            node()
    flush()


def _is_question_list(terms: Tag | None) -> bool:
    """Whether a <dl> is a list of questions with their answers: most of its terms ask."""
    asking = [bool(_ASKING.search(_words(term))) for term in terms.find_all("dt")] if terms is not None else []
    return 2 * sum(asking) > len(asking)


def _meaning(term: Tag) -> Tag | None:
    """What a term of a <dl> means, where that is one run of words: it goes on the term's line."""
    found = term.find_next_sibling(["dt", "dd"])
    one = found is not None and found.name == "dd" and all(t.name in _INLINE for t in found.find_all(True))
    return found if one and _words(term) else None


def _then(node: Tag, *after: Any) -> Iterator[object]:
    yield from node.children
    yield from after


def _item(node: Tag, flush: Any) -> Iterator[object]:
    """A list item's children; its first paragraph goes on the line of its number."""
    first = True
    for child in node.children:
        if first and isinstance(child, Tag) and child.name in ("p", "div", "section", "span"):
            first = False
            yield from child.children
            if child.name != "span":
                yield flush
            continue
        first = first and isinstance(child, NavigableString) and not child.strip()
        yield child
    yield flush


def _inline_text(node: Tag) -> str:
    for br in node.find_all("br"):
        br.replace_with(" ")
    return node.get_text()


def _ruby(node: Tag, assembly: Assembly) -> str:
    """The base text; the readings printed above it are listed."""
    readings = [rt.extract().get_text() for rt in node.find_all(["rt", "rp", "rtc"])]
    said = "".join(text for text in readings if text.strip("()（） "))
    base = re.sub(r"\s+", " ", node.get_text())
    if said:
        assembly.leave_out(f"{base}（{said}）", "reading printed above the text", "<ruby>")
    return base


# --- tables ----------------------------------------------------------------------------------------------------


def _is_data_table(table: Tag) -> bool:
    """More than one column and row: a table that only lays out the page is read as text."""
    if table.get("role") in ("presentation", "none") or table.find("table") is not None:
        return False
    rows = table.find_all("tr")
    if table.find(["h1", "h2"]) is not None and table.find("th") is None:
        return False
    return len(rows) > 1 and any(len(r.find_all(["td", "th"], recursive=False)) > 1 for r in rows)


def _grid(table: Tag) -> tuple[list[list[Cell]], int, bool]:
    """The cells with row and column spans filled in, how many of the first rows are marked as the header, and whether
    every span could be filled."""
    rows = table.find_all("tr")
    grid: list[list[Cell]] = []
    pending: dict[int, tuple[int, Cell]] = {}  # column -> rows still to fill, with what
    stated = filled = 0
    for r, row in enumerate(rows):
        line: list[Cell] = []
        if filled > _MAX_FILLED:
            pending.clear()
        found = row.find_all(["td", "th"], recursive=False)
        for cell in found:
            _fill(line, pending)
            strong = cell.name == "th" or cell.find(["b", "strong"]) is not None
            first = Cell(cell_text(cell), strong=strong)
            spans = filled + len(line) <= _MAX_FILLED
            down = _span(cell, "rowspan", len(rows) - r) if spans else 1
            for i in range(_span(cell, "colspan", 100) if spans else 1):
                place = replace(first, across=i > 0)
                if down > 1:
                    pending[len(line)] = (down - 1, replace(place, down=True))
                line.append(place)
        _fill(line, pending)
        filled += len(line)
        grid.append(line)
        marked = row.parent is not None and row.parent.name == "thead"
        marked = marked or (bool(found) and all(c.name == "th" for c in found))
        stated += marked and stated == r
    return grid, stated, filled <= _MAX_FILLED


def cell_text(cell: Tag) -> str:
    """The words of a cell in one line: blocks and line breaks part them, marks inside a word do not."""
    parts: list[str] = []
    for node in cell.descendants:
        if isinstance(node, PreformattedString):
            continue
        if isinstance(node, NavigableString):
            parts.append(str(node))
        elif isinstance(node, Tag) and node.name not in _INLINE:
            parts.append(" ")
    return " ".join("".join(parts).split())


def _fill(line: list[Cell], pending: dict[int, tuple[int, Cell]]) -> None:
    while len(line) in pending:
        column = len(line)
        left, place = pending.pop(column)
        if left > 1:
            pending[column] = (left - 1, place)
        line.append(place)


def _span(cell: Tag, name: str, most: int) -> int:
    value = str(cell.get(name, "1")).strip()
    if value == "0" and name == "rowspan":
        return most  # to the end of the table
    return max(1, min(int(value), most)) if re.fullmatch(r"\d{1,6}", value) else 1
