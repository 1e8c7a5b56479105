"""What a document is called: its format's title, its first heading, the first lines that are no sentence, its file."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ingest import numbering
from ingest.dates import days
from ingest.metadata.lines import Document, Line
from ingest.types import Found

MAX_TITLE_CHARS = 80
MAX_TITLE_LINES = 4  # a long name on a title page is broken over so many
SEARCHED_CHARS = 2000

_KIND_END = re.compile(
    r"(?:法|条例|规则|规定|办法|规范|细则|解释|协议|政策|标准|条款|决定|通知|公告|制度|批复|说明|规程|章程|指引|指南|守则|准则|方案|声明|手册|流程|意见|通告|须知"
    r"|規則|規約|規章|條款|辦法|條例|規定|規範|細則|協議|聲明|標準|約款|ポリシー|ガイドライン)"
    r"(?:[（(][^（）()]{1,16}[）)])*\s*$"
)
_NOISE = re.compile(  # lines of a title page that name nothing
    r"(?:目\s*[录錄次]|contents|table of contents|机密|秘密|绝密|内部(?:资料|文件|使用)|保密|confidential|internal use only|draft"
    r"|第\s*\d+\s*页.*|page\s+\d+.*|\d+|附\s*[件录錄]\s*[\d一二三四五六七八九十]*\s*[：:]?|关于我们|首页|返回(?:首页|顶部|列表)?|打印|分享|收藏"
    r"|[VvＶ]\s?\d+(?:\.\d+)*|(?:版本|version)\s*[:：]?\s*[\w.]+)$",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:introduction|overview|summary|abstract|preface|foreword|purpose|scope|background|about|definitions?|general|preamble"
    r"|总则|總則|前言|引言|概述|概要|简介|目的|背景|说明|摘要|序言|导言|定义|はじめに|総則|目的|머리말|총칙|introducción|resumen)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"[\u4e00-\u9fffA-Za-z]{0,12}\s?[〔\[【［(（]\s?(?:19|20)\d{2}\s?[〕\]】］)）]\s?第?\s?\d{1,5}\s?号$|(?:第\s?\d{1,5}\s?号)$"
)
_RED_HEAD = re.compile(r"[\u4e00-\u9fff（）()]{2,30}文件$")
_ANNEX = re.compile(r"附\s*[件录錄]\s*[\d一二三四五六七八九十]{0,3}\s*[：:.、\s]\s*")
_FIELD = re.compile(r"[^：:]{2,16}[：:]\s*\S|【[^】]{2,12}】")
_SENTENCE = re.compile(r"[。；！？!?;]|[,，.：:、]$|\.\s+[A-Z]")
_NUMBERED = re.compile(r"第.{1,6}[条章节编]|[一二三四五六七八九十]+、|\d+[.、]|[（(][一二三四五六七八九十\d]+[）)]")
_ORGANISATION = re.compile(
    r"(?:公司|集团|平台|商城|超市|委员会|部|局|院|署|厅|中心|协会|银行|旗舰店|网|店|國際|株式会社)(?:[（(][^）)]{1,10}[）)])?\s*$"
)
_CRUMBS = re.compile(r"\s*(?:>|»|›|＞|→)\s*")
# what a web page's title has behind the name of the page
_SITE = re.compile(
    r"帮助中心|幫助中心|客服中心|规则中心|規則中心|官网|官方网站|官方|首页|平台|商城|网站|网$|在线|帮助|支持中心|知识库|开放平台|论坛|百科|文库"
    r"|help\s*(?:center|centre|desk)?$|support$|docs?$|documentation$|knowledge base|home$|official|\.(?:com|cn|net|org)\b|ヘルプ|サポート|公式|고객센터|ayuda",
    re.IGNORECASE,
)
_FILE_NOISE = re.compile(
    r"\s*[（(\[【]\s*(?:\d{1,3}|副本|最终版?|终稿|定稿|final|copy)\s*[）)\]】]|(?:\s*[-_—]\s*|\s+|(?<=[\u4e00-\u9fff]))(?:副本|拷贝|最终版|最终|终稿|定稿|修改稿|copy|final|clean)"
    r"(?:\s*[（(]?\d{0,2}[）)]?)(?=$|[\s_\-—（(])|^(?:copy of|副本|复件)\s*[-_ ]?\s*|^\d{1,3}\s*[._\-、]\s*(?=\D)",
    re.IGNORECASE,
)


def title(document: Document, stated: str | None = None) -> Found | None:
    """`stated`: a title field above the text. None for a file without any name."""
    if stated:
        return None  # the field itself is the title
    extract, text = document.extract, document.text
    from_file = of_file(document.name)
    if extract.title and (name := _from_format(extract.title, document)):
        return Found(name, f"the document's own title: {_one_line(extract.title)}")
    if not document.name.lower().endswith((".xlsx", ".xls", ".csv", ".tsv")):
        for heading in extract.headings[:1]:
            name = _clean(text[heading.start : heading.end])
            if _is_name(name):
                return Found(
                    name,
                    f"first heading, {document.place(heading.start)}: {document.quote(heading.start, heading.end)}",
                )
        if (found := _from_lines(document)) is not None:
            return found
    return Found(from_file, f"file name: {PurePosixPath(document.name).name}") if from_file else None


def _is_name(words: str) -> bool:
    """Whether a heading names a document: neither a part of one (第一章 总则, Introduction) nor a word of layout."""
    if not words or len(words) > 2 * MAX_TITLE_CHARS or _NOISE.match(words) or _PART.match(words):
        return False
    mark = numbering.read(words)
    return mark is None or mark.style is numbering.Style.ANNEX or mark.style is numbering.Style.CODE


def of_file(name: str) -> str:
    """A file's name without its suffix, dates, counters and "final": what is left names the document."""
    stem = PurePosixPath(name).stem
    kept = stem
    for day in sorted(days(stem, compact=True), key=lambda d: -d.start):
        kept = kept[: day.start] + " " + kept[day.end :]
    kept = re.sub(r"[（(\[【]\s*[）)\]】]", " ", kept)
    for _ in range(2):
        kept = _FILE_NOISE.sub(" ", kept)
    kept = re.sub(r"[\s_]+", " ", kept).strip(" -_—.·")
    return kept if re.search(r"[^\W\d_]", kept) else stem.strip()


def _from_format(raw: str, document: Document) -> str:
    """A format's title without the name of the site that a web page's title ends (or begins) with."""
    name = _clean(raw)
    pieces = [
        p.strip()
        for p in re.split(r"\s+[-–—|·_»]\s+|\s*[|｜_]\s*|(?<=[\u4e00-\u9fff])[-–—](?=[\u4e00-\u9fff])", name)
        if p.strip()
    ]
    if not _is_name(name):
        return ""
    if len(pieces) < 2:
        return name
    headings = {_clean(document.text[h.start : h.end]) for h in document.extract.headings[:3]}
    for piece in pieces:
        if piece in headings:
            return piece
    if name in headings:
        return name
    own = [piece for piece in pieces if not _SITE.search(piece)]
    if len(own) < len(pieces) and own:
        return own[0]
    return name


def _from_lines(document: Document) -> Found | None:
    first_row = document.extract.rows[0] if document.extract.rows else None
    until = min(SEARCHED_CHARS, first_row.start if first_row else SEARCHED_CHARS)
    lines = [line for line in document.lines if line.start < until]
    for i, line in enumerate(lines):
        words = _clean(line.text)
        if "|" in words:
            return None  # a bare table has no title
        if (
            not words
            or words.startswith("<!--")
            or _NOISE.match(words)
            or _NUMBER.match(words)
            or _RED_HEAD.match(words)
        ):
            continue
        crumbs = _CRUMBS.split(words)
        if len(crumbs) > 2 or (len(crumbs) == 2 and _SITE.search(crumbs[0])):
            continue
        day = next(days(words), None)
        if day is not None and (
            day.start < 4
            or len(words) - (day.end - day.start) < 24
            and re.search(r"施行|生效|发布|公布|更新|updated|effective|施行", words, re.I)
        ):
            continue
        if _FIELD.match(words) and not _ANNEX.match(words):
            continue
        if len(words) > MAX_TITLE_CHARS or _SENTENCE.search(words) or not (_is_name(words) or _ANNEX.match(words)):
            return None
        first, stop, joined = _joined(lines, i)
        line = lines[first]
        place = document.place(line.start) if stop == first else f"lines {line.number}-{lines[stop].number}"
        name = _clean(_ANNEX.sub("", joined)) or joined
        return Found(
            name.strip("《》") if name.startswith("《") and name.endswith("》") else name,
            f"{place}: {document.quote(line.start, line.end)}",
        )
    return None


def _joined(lines: list[Line], i: int) -> tuple[int, int, str]:
    """The lines from first to last that are the title, and its words.

    A name goes on while it does not end in what such names end in, and then does. Who speaks stands above it, and is
    part of it only before "on": 某某法院 / 关于….
    """
    words = _clean(lines[i].text)
    if _KIND_END.search(words) or not re.search(r"[\u4e00-\u9fff]", words):
        return i, i, words
    first, joined = i, words
    for j in range(i + 1, min(i + 1 + MAX_TITLE_LINES, len(lines))):
        more = _clean(lines[j].text)
        if len(more) > 40 or _SENTENCE.search(more) or _FIELD.match(more) or "|" in more or next(days(more), None):
            break
        if _NUMBERED.match(more) or _NUMBER.match(more) or _NOISE.match(more):
            break
        if _ORGANISATION.search(joined) and not re.match(r"关于|關於", more):
            first, joined = j, more
        else:
            joined += more
        if len(joined) > MAX_TITLE_CHARS:
            break
        if _KIND_END.search(joined):
            return first, j, joined
    return i, i, words


def _clean(words: str) -> str:
    words = re.sub(r"[*`]+|[\u200b-\u200d\u2060\ufeff]", "", words)
    words = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", words)
    return re.sub(r"[\s\u3000]+", " ", words).strip(" _>#")


def _one_line(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()
