"""Messages (.eml) and pages saved as one file (.mht): the body's text, without what it quotes.

Attachments are documents of their own: `attachments` hands them out, `read` only names them.
"""

from __future__ import annotations

import email
import email.errors
import email.policy
import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from ingest import cleaning, encodings
from ingest.errors import UnreadableFile
from ingest.loaders import text as plain
from ingest.settings import PLAIN, Reading
from ingest.types import Extract, Removed

MAX_PARTS = 1000  # a message of more parts is made to keep its reader busy
_MAX_DEPTH = 20
_QUOTED_BELOW = re.compile(  # the line that mail programs write above what they quote
    r"\s*(?:-{2,}\s*(?:original message|forwarded message|原始邮件|原始郵件|转发的?邮件|轉寄郵件|元のメッセージ|원본 메일|mensaje original).{0,40}"
    r"|on .{4,120} wrote:|el .{4,120} escribió:|在.{4,80}(?:写道|寫道)[:：]|\d{4}年.{4,80}(?:写道|寫道|のメール)[:：]?"
    r"|_{20,})\s*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"-- ?$")
_MAX_SIGNATURE_LINES = 15
_INLINE_FORWARD = re.compile(r"forwarded|转发|轉寄", re.IGNORECASE)


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """The subject is the title; sender and day of sending are fields, and neither says when a rule begins."""
    message = _parse(data, name)
    subject, sender = _header(message, "subject"), _header(message, "from")
    fields = {key: value for key, value in (("from", sender), ("to", _header(message, "to"))) if value}
    if sent := _sent(message):
        fields["sent"] = sent
    notes: list[str] = []
    found = _body(message, name, reading)
    if found is None:
        raise UnreadableFile(
            name,
            "found a message without text of its own"
            + (f", with {len(names)} attachments" if (names := [n for n, _ in attachments(data)]) else "")
            + ". Bring the attachments in as files of their own.",
        )
    extract = found
    if names := [n for n, _ in attachments(data)]:
        notes.append(f"{len(names)} attachments are documents of their own, not read here: {', '.join(names[:20])}")
    if message.is_multipart() and message.get_content_type() == "multipart/encrypted":
        notes.append("the message is encrypted")
    title = subject or extract.title
    return Extract(
        text=extract.text,
        headings=extract.headings,
        rows=extract.rows,
        fields={**extract.fields, **fields},
        title=title,
        notes=(*extract.notes, *notes),
        unread=extract.unread,
        footnotes=extract.footnotes,
        removed=extract.removed,
    )


def attachments(data: bytes) -> list[tuple[str, bytes]]:
    """Every attached file with its name, and attached messages as .eml; pictures of a signature are left alone."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
    except (ValueError, LookupError, RecursionError, email.errors.MessageError):
        return []
    found: list[tuple[str, bytes]] = []
    body = {id(part) for part in _text_parts(message)}
    for number, part in enumerate(_leaves(message), 1):
        if id(part) in body:
            continue
        filename = _filename(part)
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                title = re.sub(r"[\\/:*?\"<>|\s]+", " ", _header(inner[0], "subject")).strip()[:80]
                found.append((filename or f"{title or f'message-{number}'}.eml", _as_bytes(inner[0])))
            continue
        if not filename and (part.get("content-id") or part.get_content_type() in ("text/plain", "text/html")):
            continue  # a picture inside the text, or the same text in another form
        if part.get_content_maintype() == "image" and part.get("content-id") and _is_inline(part):
            continue
        content = _content(part)
        if content:
            found.append((filename or f"attachment-{number}{_SUFFIX.get(part.get_content_type(), '')}", content))
    return found


def _as_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, KeyError, UnicodeError, AttributeError):  # its own header contradicts its parts
        return str(message.get_payload()).encode("utf-8", "surrogateescape")


_SUFFIX = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


def _parse(data: bytes, name: str) -> Message:
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
    except (ValueError, LookupError, RecursionError, email.errors.MessageError) as error:
        raise UnreadableFile(name, f"the message is broken ({error}). Save it again from the mail program.") from error
    if not message.keys():
        raise UnreadableFile(name, "found no message: there are no header fields. Save it again as .eml.")
    return message


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold something themselves, in order; an attached message is one."""
    stack, seen = [(message, 0)], 0
    while stack and seen < MAX_PARTS:
        part, depth = stack.pop()
        seen += 1
        inner = part.get_payload()
        if part.get_content_type() == "message/rfc822" or not part.is_multipart() or not isinstance(inner, list):
            yield part
        elif depth < _MAX_DEPTH:
            stack.extend((child, depth + 1) for child in reversed(inner) if isinstance(child, Message))


def _text_parts(message: Message) -> list[Message]:
    """The parts that make up the text: of alternatives the richest that can be read, no attachments."""
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        children = [child for child in message.get_payload() if isinstance(child, Message)][:MAX_PARTS]
        kind = message.get_content_type()
        if kind == "multipart/alternative":
            choices = [parts for child in children if (parts := _text_parts(child))]
            rich = [parts for parts in choices if any(part.get_content_type() == "text/html" for part in parts)]
            return (rich or choices or [[]])[-1]
        if kind == "multipart/related":
            return next((parts for child in children if (parts := _text_parts(child))), [])
        return [part for child in children for part in _text_parts(child)]
    if message.get_content_type() in ("text/plain", "text/html") and not _is_attached(message):
        return [message]
    return []


def _is_attached(part: Message) -> bool:
    return str(part.get("content-disposition") or "").strip().lower().startswith("attachment") or (
        bool(_filename(part)) and not _is_inline(part)
    )


def _is_inline(part: Message) -> bool:
    return str(part.get("content-disposition") or "inline").strip().lower().startswith("inline")


def _body(message: Message, name: str, reading: Reading) -> Extract | None:
    read_parts: list[Extract] = []
    parts = _text_parts(message)
    for part in parts:
        if not (content := _content(part)).strip():
            continue
        charset = str(part.get_content_charset() or "")
        if part.get_content_type() == "text/html":
            from ingest.loaders import html

            decoded = plain.decode(content, name, _declared(content) or charset)
            extract = decoded.onto(html.read_markup(_without_quoted_markup(decoded.text), reading))
            quoted = _quoted_markup(decoded.text)
            if quoted:
                extract = _with(extract, Removed(quoted, "quoted from an earlier message", "end of the message"))
        else:
            decoded = plain.decode(content, name, charset)
            kept, removed = _without_history(cleaning.newlines(_unflowed(part, decoded.text)))
            extract = decoded.onto(Extract(text=kept, removed=removed))
        if extract.text.strip():
            read_parts.append(extract)
    if not read_parts:
        return None
    return _joined(read_parts)


def _joined(parts: list[Extract]) -> Extract:
    """Several bodies one after another, as a mail program shows them."""
    first, *others = parts
    for other in others:
        at = len(first.text) + 2
        first = Extract(
            text=f"{first.text}\n\n{other.text}",
            headings=(*first.headings, *(type(h)(h.start + at, h.end + at, h.level) for h in other.headings)),
            rows=(*first.rows, *(type(r)(r.start + at, r.end + at, r.header, r.table) for r in other.rows)),
            fields=first.fields,
            title=first.title,
            notes=(*first.notes, *other.notes),
            unread=(*first.unread, *other.unread),
            removed=(*first.removed, *other.removed),
        )
    return first


def _with(extract: Extract, removed: Removed) -> Extract:
    return Extract(
        text=extract.text,
        headings=extract.headings,
        rows=extract.rows,
        fields=extract.fields,
        title=extract.title,
        notes=extract.notes,
        unread=extract.unread,
        removed=(*extract.removed, removed),
    )


_BLOCKQUOTE = re.compile(
    r"(?is)<(blockquote|div)\b[^>]{0,300}?(?:type=[\"']?cite|class=[\"'][^\"']{0,100}(?:gmail_quote|moz-cite|yahoo_quoted)"
    r"|id=[\"']?(?:divRplyFwdMsg|appendonsend|isReplyContent|origbody))"
)


def _without_quoted_markup(markup: str) -> str:
    match = _BLOCKQUOTE.search(markup)
    if match is None:
        return markup
    from bs4 import BeautifulSoup

    before = BeautifulSoup(markup[: match.start()], "lxml").get_text(strip=True)
    return markup[: match.start()] if before else markup  # a message that only passes something on


def _quoted_markup(markup: str) -> str:
    kept = _without_quoted_markup(markup)
    if len(kept) == len(markup):
        return ""
    from bs4 import BeautifulSoup

    return BeautifulSoup(markup[len(kept) :], "lxml").get_text("\n", strip=True)


def _without_history(text: str) -> tuple[str, tuple[Removed, ...]]:
    """A text part without quoted messages and signature; what only passes a message on is kept whole."""
    lines = text.split("\n")
    removed: list[Removed] = []
    for i, line in enumerate(lines):
        if (
            len(line) < 200
            and _QUOTED_BELOW.match(line)
            and "".join(lines[:i]).strip()
            and not _INLINE_FORWARD.search(line)
        ):
            removed.append(
                Removed("\n".join(lines[i:]).strip(), "quoted from an earlier message", "end of the message")
            )
            lines = lines[:i]
            break
    quoted = [line for line in lines if line.startswith(">")]
    if quoted and any(line.strip() and not line.startswith(">") for line in lines):
        removed.append(Removed("\n".join(quoted), "quoted from an earlier message", f"{len(quoted)} lines"))
        lines = [line for line in lines if not line.startswith(">")]
    for i in range(len(lines) - 1, max(-1, len(lines) - _MAX_SIGNATURE_LINES - 1), -1):
        if _SIGNATURE.match(lines[i]) and "".join(lines[:i]).strip():
            removed.append(Removed("\n".join(lines[i:]).strip(), "signature", "end of the message"))
            lines = lines[:i]
            break
    return "\n".join(lines).strip("\n"), tuple(removed)


def _unflowed(part: Message, text: str) -> str:
    """format=flowed: a line that ends with a space goes on in the next."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    gap = "" if str(part.get_param("delsp") or "").lower() == "yes" else " "
    return re.sub(r"(?<=[^\n-]) \r?\n(?!>)", gap, text)


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        content = None
    if isinstance(content, bytes):
        return content
    raw = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _declared(content: bytes) -> str | None:
    match = re.search(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]+)""", content[:4096])
    return match[1].decode("ascii", "replace") if match else None


def _header(message: Message, key: str) -> str:
    """A header field in words; each encoded part is read as what it is, whatever it calls itself."""
    raw = message.get(key)
    if raw is None:
        return ""
    try:
        parts = decode_header(raw)
    except (ValueError, email.errors.HeaderParseError):
        parts = [(str(raw), None)]
    joined: list[tuple[bytes, str | None]] = []
    for content, charset in parts:
        piece = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        if joined and charset and joined[-1][1] == charset:  # a letter may be cut in two between two encoded words
            joined[-1] = (joined[-1][0] + piece, charset)
        else:
            joined.append((piece, charset))
    text = ""
    for piece, charset in joined:
        found = encodings.decode(piece, charset if charset != "unknown-8bit" else None)
        text += found.text if found else piece.decode("utf-8", "replace")
    return " ".join(cleaning.newlines(text).split())


def _filename(part: Message) -> str:
    raw = part.get_param("filename", None, "content-disposition") or part.get_param("name")
    if isinstance(raw, tuple):  # RFC 2231
        charset, _, value = raw
        data = str(value).encode("latin-1", "replace")
        found = encodings.decode(data, charset or None)
        return found.text if found else str(value)
    if not raw:
        return ""
    holder = Message()
    holder["x"] = raw
    return _header(holder, "x")


def _sent(message: Message) -> str:
    try:
        return parsedate_to_datetime(str(message.get("date"))).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""
