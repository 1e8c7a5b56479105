"""Ways of damaging a file: as bytes, as an archive with sound checksums, as XML, as PDF objects, as text."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random, bytes], bytes]
"""(file, source of chance, another file) -> damaged file"""

MAX_BYTES = 8_000_000  # what a mutation may grow a file to: larger ones only make the run slow
_NUMBERS = (b"0", b"-1", b"1", b"65535", b"65536", b"2147483647", b"4294967295", b"99999999999999999999", b"1e308", b"")
_ODD = (
    "\x00", "\u200b", "\u200d", "\u202e", "\ufeff", "\u0301", "\ue123", "\ufffd", "\ufffe", "\u2028", "\x85", "\x0b",
    "\x1c", "⽇", "𠮷", "👩‍👩‍👧", "ﷺ", "İ", "ß", "٣", "½", "〇", "①", "Ⅻ", "　", "\t\t\t", "||||", "<!--", "-->",
    "```", "---\n", "第", "第条", "第零条", "第九千九百九十九条 ", "第一百二十条之九十九 ", "1.1.1.1.1.1 ", "（一）",
    "Section 999999999999.9 ", "问：", "答：", "目录\n", "附件", "【", "】", "&#0;", "&#xD800;", "&#x10FFFF;", "%PDF-",
)  # fmt: skip
_CODES = (
    "utf-8",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "utf-16",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "cp500",
)


def mutated(data: bytes, random: Random, other: bytes) -> tuple[bytes, str]:
    """A damaged copy, with the names of what was done to it."""
    kinds = _ways(data)
    done = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        way = random.choice(kinds)
        try:
            data = way(data, random, other)[:MAX_BYTES]
        except Exception:  # after the first damage it may be no ZIP or PDF any more: then this way cannot be gone
            continue
        done.append(way.__name__.strip("_"))
    return data, "+".join(done)


def _ways(data: bytes) -> list[Mutation]:
    if data.startswith(b"PK\x03\x04"):
        return [*_BYTES, *_ARCHIVE * 3]
    if b"%PDF-" in data[:1024]:
        return [*_BYTES, *_PDF * 3]
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return [*_BYTES, _sectors, _sectors, _sectors]
    return [*_BYTES, *_TEXT * 3]


# --- bytes -----------------------------------------------------------------------------------------------------


def _at(data: bytes, random: Random) -> tuple[int, int]:
    """A span of the file: mostly short, sometimes half of it."""
    if not data:
        return 0, 0
    start = random.randrange(len(data))
    length = random.choice((1, 4, 16, 64, 512, 4096, max(1, len(data) // 2)))
    return start, min(len(data), start + length)


def _flip(data: bytes, random: Random, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 2, 8, 32, 128)) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _overwrite(data: bytes, random: Random, other: bytes) -> bytes:
    start, end = _at(data, random)
    filler = random.choice((b"\x00", b"\xff", b"\x80", b"\n", b"<", b"(", b"/", None))
    return data[:start] + (filler * (end - start) if filler else random.randbytes(end - start)) + data[end:]


def _truncate(data: bytes, random: Random, other: bytes) -> bytes:
    return data[: random.randrange(len(data))] if data else data


def _behead(data: bytes, random: Random, other: bytes) -> bytes:
    return data[random.randrange(min(len(data), 4096)) :] if data else data


def _delete(data: bytes, random: Random, other: bytes) -> bytes:
    start, end = _at(data, random)
    return data[:start] + data[end:]


def _double(data: bytes, random: Random, other: bytes) -> bytes:
    return _repeat(data, *_at(data, random), random)


def _repeat(data: bytes, start: int, end: int, random: Random) -> bytes:
    times = min(random.choice((1, 2, 50, 1000)), max(1, 500_000 // max(1, end - start)))
    return data[:end] + data[start:end] * times + data[end:]


def _swap(data: bytes, random: Random, other: bytes) -> bytes:
    (a, b), (c, d) = sorted((_at(data, random), _at(data, random)))
    b = min(b, c)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _splice(data: bytes, random: Random, other: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _graft(data: bytes, random: Random, other: bytes) -> bytes:
    (start, end), (first, last) = _at(data, random), _at(other, random)
    return data[:start] + other[first:last] + data[end:]


_BYTES: list[Mutation] = [_flip, _overwrite, _truncate, _behead, _delete, _double, _swap, _splice, _graft]


def _sectors(data: bytes, random: Random, other: bytes) -> bytes:
    """Old Office files are chains of sectors: exchanges or repeats whole ones, or breaks the table of chains."""
    size, count = 512, len(data) // 512
    if count < 2:
        return data
    a, b = random.randrange(count) * size, random.randrange(count) * size
    moved = data[:a] + data[b : b + size] + data[a + size :]
    at = random.randrange(0, len(moved) - 3) & ~3
    value = random.choice((0, 1, 0xFFFFFFFE, 0xFFFFFFFF, random.randrange(count))).to_bytes(4, "little")
    return moved[:at] + value + moved[at + 4 :] if random.random() < 0.5 else moved


# --- archives and XML ------------------------------------------------------------------------------------------


def _members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist() if info.file_size < MAX_BYTES]


def _packed(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice: so they should be
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _member_bytes(data: bytes, random: Random, other: bytes) -> bytes:
    members = _members(data)
    i = random.randrange(len(members))
    members[i] = (members[i][0], random.choice(_BYTES)(members[i][1], random, other))
    return _packed(members)


def _member_xml(data: bytes, random: Random, other: bytes) -> bytes:
    members = _members(data)
    marked = [i for i, (name, _) in enumerate(members) if name.endswith((".xml", ".rels"))]
    # the parts that hold the document are worth more than its theme and styles
    main = [i for i in marked if re.search(r"document|sheet\d|content\.xml|slide\d|numbering|workbook", members[i][0])]
    i = random.choice(main if main and random.random() < 0.7 else marked)
    members[i] = (members[i][0], _xml(members[i][1], random))
    return _packed(members)


def _member_list(data: bytes, random: Random, other: bytes) -> bytes:
    """Leaves members out, exchanges, renames or doubles them."""
    members = _members(data)
    i, j = random.randrange(len(members)), random.randrange(len(members))
    match random.randrange(6):
        case 0:
            del members[i]
        case 1:
            members[i], members[j] = (members[i][0], members[j][1]), (members[j][0], members[i][1])
        case 2:
            members[i] = (random.choice(("../../evil", "a/" * 300, "", "word/document.xml", "\x00")), members[i][1])
        case 3:
            members.append(members[i])
        case 4:
            members[i] = (members[i][0], b"")
        case _:
            members[i] = (members[i][0], bytes(random.choice((1_000_000, 30_000_000))))
    return _packed(members)


def _two_archives(data: bytes, random: Random, other: bytes) -> bytes:
    """The members of two files in one."""
    members, more = _members(data), _members(other)
    return _packed([*members, *random.sample(more, random.randrange(1, len(more) + 1))])


_ARCHIVE: list[Mutation] = [_member_bytes, _member_xml, _member_xml, _member_xml, _member_list, _two_archives]
_TAG = re.compile(rb"<(/?)([\w:.-]+)([^<>]*?)(/?)>")


def _xml(data: bytes, random: Random) -> bytes:
    """One change that leaves a file that may still be XML."""
    tags = list(_TAG.finditer(data))
    if not tags:
        return data
    tag = random.choice(tags)
    match random.randrange(9):
        case 0:
            return data[: tag.start()] + data[tag.end() :]
        case 1:  # an element (or what lies up to the next end of its kind) once more, or many times
            end = data.find(b"</" + tag[2] + b">", tag.start())
            end = end + len(tag[2]) + 3 if end > 0 else tag.end()
            part = data[tag.start() : end]
            return data[:end] + part * min(random.choice((1, 3, 400)), 300_000 // max(1, len(part)) + 1) + data[end:]
        case 2:  # an attribute's value
            value = b'"' + random.choice(_NUMBERS) + b'"'
            return data[: tag.start()] + re.sub(rb'"[^"]*"', value, data[tag.start() :], count=1)
        case 3:  # nested in itself
            depth = random.choice((2, 60, 300, 3000))
            opened, closed = b"<" + tag[2] + tag[3] + b">", b"</" + tag[2] + b">"
            return data[: tag.start()] + opened * depth + closed * depth + data[tag.start() :]
        case 4:  # two elements change places
            again = random.choice(tags)
            (a, b), (c, d) = sorted((tag.span(), again.span()))
            return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:] if b <= c else data
        case 5:  # entities: within, without, growing
            declared = random.choice(
                (
                    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
                    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
                    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
                    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
                    + b'<!ENTITY e "&i;">]>',
                )
            )
            body = re.sub(rb"^\s*<\?xml.*?\?>", b"", data, flags=re.DOTALL)
            at = body.find(b">", len(body) // 2) + 1
            return declared + body[:at] + b"&e;" + body[at:]
        case 6:  # a run of text
            odd = "".join(random.choices(_ODD[:16], k=random.choice((1, 5, 2000)))).encode()
            return data[: tag.end()] + odd.replace(b"\x00", b"") + data[tag.end() :]
        case 7:  # one name for another
            again = random.choice(tags)
            if random.random() < 0.3:
                return data.replace(tag[2], again[2])
            return data[: tag.start()] + tag[0].replace(tag[2], again[2]) + data[tag.end() :]
        case _:  # a number anywhere
            return _number(data, random)


def _number(data: bytes, random: Random) -> bytes:
    found = [m.span() for m in re.finditer(rb"-?\d+(?:\.\d+)?", data[:2_000_000])]
    if not found:
        return data
    start, end = random.choice(found)
    return data[:start] + random.choice(_NUMBERS) + data[end:]


# --- PDF -------------------------------------------------------------------------------------------------------

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def _pdf_object(data: bytes, random: Random, other: bytes) -> bytes:
    """Leaves out, exchanges or doubles an object."""
    found = list(_OBJECT.finditer(data))
    a, b = sorted((random.choice(found), random.choice(found)), key=lambda match: match.start())
    match random.randrange(3):
        case 0:
            return data[: a.start()] + data[a.end() :]
        case 1 if a.end() <= b.start():
            return data[: a.start(2)] + b[2] + data[a.end(2) : b.start(2)] + a[2] + data[b.end(2) :]
        case _:
            return data[: a.end()] + b"\n" + a[1] + b" 0 obj" + b[2] + b"endobj\n" + data[a.end() :]


def _pdf_reference(data: bytes, random: Random, other: bytes) -> bytes:
    """Points a reference elsewhere: often in a circle."""
    found = list(re.finditer(rb"(\d+) 0 R", data))
    one, target = random.choice(found), random.choice(found)
    number = random.choice((target[1], target[1], b"1", b"0", b"99999999"))
    if random.random() < 0.4:  # at the object that it stands in
        above = list(re.finditer(rb"(\d+) 0 obj", data[: one.start()]))
        number = above[-1][1] if above else number
    return data[: one.start(1)] + number + data[one.end(1) :]


def _pdf_value(data: bytes, random: Random, other: bytes) -> bytes:
    """A number or a name in a dictionary."""
    found = list(re.finditer(rb"/[A-Za-z]+[0-9]*(?=[\s/<\[(])", data))
    if random.random() < 0.5 or not found:
        return _number(data, random)
    one, another = random.choice(found), random.choice(found)
    return data[: one.start()] + another[0] + data[one.end() :]


def _pdf_stream(data: bytes, random: Random, other: bytes) -> bytes:
    """Unpacks a stream, damages what is in it, packs it again."""
    found = [match for match in _STREAM.finditer(data) if len(match[1]) < 200_000]
    one = random.choice(found)
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(one[1], 2_000_000)
    match random.randrange(5):
        case 0:
            content = _number(content, random)
        case 1:
            words = content.split(b"\n")
            random.shuffle(words)
            content = b"\n".join(words)
        case 2:
            content = _repeat(content, *_at(content, random), random)
        case 3:
            content = content.replace(b"Tj", b"'") if random.random() < 0.5 else content + b"\n" + b"q " * 20_000
        case _:
            content = random.choice(_BYTES)(content, random, other)
    packed = zlib.compress(content)
    start = data.rfind(b" 0 obj", 0, one.start())
    head = re.sub(rb"/Length\s+\d+(?! 0 R)", b"/Length %d" % len(packed), data[max(0, start) : one.start(1)])
    return data[: max(0, start)] + head + packed + data[one.end(1) :]


_PDF: list[Mutation] = [_pdf_object, _pdf_reference, _pdf_reference, _pdf_value, _pdf_stream, _pdf_stream]


# --- text ------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    for code in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
        try:
            return data.decode(code)
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")


def _text_odd(data: bytes, random: Random, other: bytes) -> bytes:
    text = _decoded(data)
    for _ in range(random.choice((1, 3, 30))):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(_ODD) * random.choice((1, 1, 1, 3, 300)) + text[at:]
    return text.encode("utf-8", "surrogatepass")


def _text_lines(data: bytes, random: Random, other: bytes) -> bytes:
    lines = _decoded(data).split("\n")
    i, j = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(6):
        case 0:
            random.shuffle(lines)
        case 1:
            lines = ["".join(lines)]
        case 2:
            lines[i:i] = [lines[j]] * random.choice((2, 40, 3000))
        case 3:
            lines = [c for line in lines for c in line][:5000]
        case 4:
            lines[i] = lines[i] * random.choice((2, 50, 5000))
        case _:
            lines[i:i] = _decoded(other)[:20_000].split("\n")
    return "\n".join(lines)[:2_000_000].encode("utf-8", "surrogatepass")


def _text_code(data: bytes, random: Random, other: bytes) -> bytes:
    text, code, lossy = _decoded(data), random.choice(_CODES), random.choice(("ignore", "replace", "xmlcharrefreplace"))
    if random.random() < 0.3:  # half of it in another encoding
        middle = len(text) // 2
        return text[:middle].encode("utf-8", "replace") + text[middle:].encode(code, lossy)
    if random.random() < 0.3:  # decoded wrongly and saved
        return text.encode(code, lossy).decode(random.choice(_CODES), "replace").encode("utf-8", "replace")
    return text.encode(code, lossy)


def _text_marked(data: bytes, random: Random, other: bytes) -> bytes:
    return _xml(data, random)


def _text_nested(data: bytes, random: Random, other: bytes) -> bytes:
    opened, closed = random.choice(
        (
            ("<div>", "</div>"), ("<table><tr><td>", ""), ("<ul><li>", ""), ("<b>", ""), ("> ", ""), ("  - ", ""), ("(", ")"),
            ("【", "】"), ("[", "]("), ("*", "*"), ("`", ""), ("<td rowspan=9999 colspan=9999>", ""), ("|", "|"), ('"', ""),
        )
    )  # fmt: skip
    depth = random.choice((10, 200, 5000, 40_000))
    text = _decoded(data)
    at = random.randrange(len(text) + 1)
    return (text[:at] + opened * depth + text[at:] + closed * depth).encode("utf-8", "surrogatepass")


_TEXT: list[Mutation] = [_text_odd, _text_lines, _text_code, _text_marked, _text_nested]
