"""From an answer to the HTML of the desk. Pure; every text that comes from data is escaped here, once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from html import escape

from assistant.masking import mask
from assistant.types import Alternative, Answer, AnswerStatus, Citation, Reason, Reply
from kb.moments import show_from, show_until
from kb.replies import SLOT
from kb.text import sentences
from kb.types import ClauseKind
from kb.validity import family_of
from ui.types import Verdict
from ui.web.handlers import Offered, Shown
from ui.web.wording import Words

UNSURE_BELOW = 0.5  # an answer as likely wrong as right is not shown in the colour of certainty
RECENT_DAYS = 90  # a change is news for this long: customers still quote the old rule
CHOICE_KEYS = 9  # Alt and a digit
# The mark of an item of a list: （一）, (2), ①, 3. , 四、, a)
ITEM = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十百\d]{1,4}[）)]|[①-⑳]|\d{1,2}(?:[、)）]|[.．](?!\d))|[一二三四五六七八九十]{1,3}、"
    r"|[-*•·]\s|[a-z][.)）]\s)"
)
FIRST_ITEM = re.compile(r"\s*(?:[（(]?[一1][）)、.．]|①|[（(]?a[.)）])")
LEADS_IN = ("：", ":")
COPY_KEYS = {"both": "C", "quote": "Q", "reply": "R"}  # pressed with Alt


def welcome(words: Words, examples: Sequence[str] = ()) -> str:
    """`examples`: questions that this base answers; without any, only the form of a chat is shown."""
    buttons = "".join(
        f'<li><button type="button" data-example="{escape(question)}">{escape(question)}</button></li>'
        for question in examples
    )
    offered = f"<p>{words('welcome_examples')}</p><ul>{buttons}</ul>" if buttons else ""
    chat = words("welcome_example", question=examples[0] if examples else "……")
    return (
        f'<section class="kj-welcome" lang="{words("html_lang")}">'
        f"<h2>{words('welcome_title')}</h2><p>{words('welcome_text')}</p>{offered}"
        f"<p>{words('welcome_chat')}</p><pre>{escape(chat)}</pre></section>"
    )


def header(words: Words, snapshot: str, summary: Mapping[str, int]) -> str:
    base = words("base", documents=f"{summary['documents']:,}", clauses=f"{summary['clauses']:,}")
    return (
        f'<div class="kj-header" data-language="{words("html_lang")}" data-title="{escape(words("app_title"))}" '
        f'data-working="{escape(words("working"))}" data-slow="{escape(words("slow"))}" '
        f'data-broken="{escape(words("broken"))}" data-close="{escape(words("close"))}" '
        f'data-wait="{escape(words("wait"))}" data-lost="{escape(words("lost"))}" data-notice="{escape(words("notice"))}">'
        f"<h1>{words('brand')}</h1><span class='kj-tagline'>{words('tagline')}</span>"
        f'<span class="kj-base" title="{escape(words("snapshot", snapshot=snapshot))}">{base}</span>'
        f'<button type="button" class="kj-icon" data-do="theme" title="{words("theme")}" aria-label="{words("theme")}">'
        '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="6.5" fill="none" '
        'stroke="currentColor"/><path d="M8 1.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"/></svg></button></div>'
    )


def question_help(words: Words) -> str:
    undo = f'<button type="button" class="kj-undo" data-do="undo">{words("undo_clear")}</button>'
    return f'<p class="kj-help">{words("question_help")}{undo}</p>'


def heading(text: str) -> str:
    return f'<h2 class="kj-side-heading">{escape(text)}</h2>'


def recent(words: Words) -> str:
    """The frame of the list; desk.js fills it from the browser's own session storage."""
    return (
        f"{heading(words('recent_label'))}"
        f'<ol class="kj-recent" data-empty="{escape(words("recent_empty"))}"><li class="kj-none">'
        f"{words('recent_empty')}</li></ol>"
    )


def shown(what: Shown | None, words: Words, *, takes_feedback: bool, examples: Sequence[str] = ()) -> str:
    """The right side of the desk."""
    if what is None:
        return welcome(words, examples)
    if what.answer is None:
        return _trouble(what, words)
    answer = what.answer
    body = _answered(what, answer, words) if _is_answered(answer) else _abstained(what, answer, words)
    return (
        f'<article class="kj-answer" lang="{words("html_lang")}" data-status="{answer.status.value}" '
        f'data-number="{what.number}" '
        f'data-id="{escape(answer.id)}" data-snapshot="{escape(answer.snapshot)}" data-mark="{_short_mark(answer)}">'
        f"{body}{_footer(what, answer, words, takes_feedback)}</article>"
    )


def marked(text: str, highlights: Iterable[tuple[int, int]]) -> str:
    """The text escaped, with the highlighted spans in <mark>. What overlaps is marked once; what lies outside is cut off."""
    pieces: list[str] = []
    done = 0
    for start, end in sorted(highlights):
        start, end = max(start, done), min(end, len(text))
        if start >= end:
            continue
        pieces += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    return "".join([*pieces, escape(text[done:])])


def place(citation: Citation) -> tuple[str, ...]:
    """Where the clause stands: its path, made to end in what the label says if the path does not hold it."""
    path, label = citation.clause.path, citation.clause.label
    return path if label in path or not label else (*path, label)


def citation_line(citation: Citation, words: Words) -> str:
    """The source as plain text, as it goes behind a copied quote."""
    version = citation.version
    parts = [_titled(citation), *place(citation)]
    if citation.clause.page is not None:
        parts.append(words("page", page=citation.clause.page))
    line = " ".join(part for part in parts if part)
    dates = _dates(citation, words)
    return f"{line}（{dates}）" if version.language.startswith("zh") else f"{line} ({dates})"


def quoted(answer: Answer, citation: Citation) -> str:
    """The quote as it is copied: an item of a list brings the words that lead the list in, or it would say nothing, or
    the contrary. What is left out between them is marked; every word stands in the document."""
    clause = citation.clause
    quote = answer.quote or clause.text
    start = answer.highlights[0][0] if answer.quote and answer.highlights else 0
    if not clause.text.startswith(quote, start):
        return quote
    lead, between = lead_in(clause.text, start)
    if lead is None and clause.kind is ClauseKind.ITEM and clause.context.strip().endswith(LEADS_IN):
        lead, first = clause.context.strip(), FIRST_ITEM.match(clause.text)
        between = "" if first and not clause.text[:start].strip() else "…"
    if lead is None:
        return _with_rows(quote, answer)
    return f"{lead}\n……\n{quote}" if between.strip() else f"{lead}\n{quote}"


def _with_rows(quote: str, answer: Answer) -> str:
    """A quote that ends in what leads a table in says nothing without it."""
    if not answer.continued or not quote.rstrip().endswith(LEADS_IN):
        return quote
    header = answer.continued[0].context.strip()
    return "\n".join([quote, *([header] if header else []), *(clause.text for clause in answer.continued)])


def lead_in(text: str, start: int) -> tuple[str | None, str]:
    """The sentence before `start` that leads in the list in which `start` lies ("下列商品不适用："), and what stands
    between the two; None where `start` lies in no list."""
    line = text.rfind("\n", 0, start) + 1
    if not ITEM.match(text, line) and not (ITEM.match(text, start) and text[line:start].strip()):
        return None, ""
    for begin, end in reversed(sentences(text[:start])):
        sentence = text[begin:end].strip()
        if sentence.endswith(LEADS_IN):
            above = lead_in(text, begin) if ITEM.match(sentence) else (None, "")
            if above[0] is not None:  # a list within an item of a list
                gap = "……\n" if above[1].strip() else ""
                return f"{above[0]}\n{gap}{sentence}", text[end:start]
            return sentence, text[end:start]
        own_line = text.rfind("\n", 0, begin) + 1
        if not ITEM.match(text, own_line) and sentence.endswith(("。", ".", "！", "!", "？", "?")):
            return None, ""  # a paragraph behind a list
    return None, ""


def quote_with_source(answer: Answer, citation: Citation, words: Words) -> str:
    quote = quoted(answer, citation)
    chinese = citation.version.language.startswith("zh")
    body = f"“{quote}”" if "\n" not in quote else quote
    return f"{body}\n{'——' if chinese else '— '}{citation_line(citation, words)}"


def _is_answered(answer: Answer) -> bool:
    return answer.status is AnswerStatus.ANSWERED and answer.citation is not None


def _answered(what: Shown, answer: Answer, words: Words) -> str:
    citation = answer.citation
    assert citation is not None
    return "".join(
        [
            _verdict(what, answer, words),
            _asked(what, answer, words),
            _offered(what, words),
            _escalation(answer, words),
            _clause(answer, citation, words),
            _editions(what, answer, words),
            _reply(answer, words),
            _alternatives(answer.alternatives, words),
        ]
    )


def _abstained(what: Shown, answer: Answer, words: Words) -> str:
    reason = answer.reason.value if answer.reason else "unknown"
    nearest = answer.alternatives
    if answer.citation is not None:  # the clause that would answer, were it in force or in scope
        nearest = (Alternative(answer.citation, answer.confidence, ""), *nearest)
    urgent = answer.reason is Reason.UNSAFE
    # a number that several documents have: what is unclear is which of these
    which = bool(answer.choices) or answer.reason is Reason.UNCLEAR_QUESTION and bool(nearest)
    if which and not answer.choices:
        reason = "which_document"
    return "".join(
        [
            _strip(
                "unsafe" if urgent else "abstained", words.name("reason", reason), words, on=_other_day(what, answer)
            ),
            _asked(what, answer, words),
            _offered(replace(what, offered=what.offered[:-1]) if answer.choices else what, words),
            f'<section class="kj-why-not"><p>{_lines(answer.why)}</p>'
            if answer.why
            else '<section class="kj-why-not">',
            f'<p class="kj-advice">{escape(words.name("reason_advice", reason))}</p>{_choices(what)}</section>',
            _escalation(answer, words),
            _reply(answer, words),
            _nearest(nearest, words("nearest_open" if which else "nearest"), words) if not urgent else "",
        ]
    )


def _choices(what: Shown) -> str:
    """The choices that the answer leaves open, below its advice."""
    if what.answer is None or what.answer.choices is None:
        return ""
    before = sum(len(offer.choices.values) for offer in what.offered[:-1])
    return _buttons(Offered(what.answer.choices), before)


def _offered(what: Shown, words: Words) -> str:
    """The choices of which one was taken: another can be, the same one again takes it back."""
    rows, before = [], 0
    for offer in what.offered:
        rows.append(_buttons(offer, before))
        before += len(offer.choices.values)
    return f'<section class="kj-offered"><h3>{escape(words("offered"))}</h3>{"".join(rows)}</section>' if rows else ""


def _buttons(offer: Offered, before: int) -> str:
    """A button for each value: desk.js asks the question again for it. `before`: how many stand above."""
    buttons = []
    for number, value in enumerate(offer.choices.values, before + 1):
        hint = f"<kbd>Alt+{number}</kbd>" if number <= CHOICE_KEYS else ""
        pressed = "true" if value == offer.chosen else "false"
        buttons.append(
            f'<button type="button" data-value="{escape(value)}" aria-pressed="{pressed}">'
            f"<span>{escape(value)}</span>{hint}</button>"
        )
    return f'<p class="kj-choices" data-dimension="{escape(offer.choices.dimension)}">{"".join(buttons)}</p>'


def _trouble(what: Shown, words: Words) -> str:
    assert what.trouble is not None
    sentence = words(f"error_{what.trouble.value}", **(what.details or {}))
    # Masked as an answer's is.
    question = mask(what.request.question) if what.request else ""
    asked = (
        f'<div class="kj-asked"><span class="kj-question" title="{escape(words("asked_about"))}">{escape(question)}</span></div>'
        if question
        else ""
    )
    return (
        f'<article class="kj-answer" lang="{words("html_lang")}" data-status="error" data-number="{what.number}">'
        f"{_strip('error', words('error'), words)}{asked}"
        f'<section class="kj-why-not" role="alert"><p>{escape(sentence)}</p></section></article>'
    )


def _verdict(what: Shown, answer: Answer, words: Words) -> str:
    kind = "answered" if answer.confidence >= UNSURE_BELOW else "unsure"
    return _strip(kind, words(kind), words, confidence=answer.confidence, on=_other_day(what, answer))


def _strip(
    kind: str, sentence: str, words: Words, *, confidence: float | None = None, on: date | datetime | None = None
) -> str:
    """`on`: the moment whose rules answered, where it is not now."""
    gauge = ""
    told = f'<em class="kj-not-now">{escape(words("not_now", date=_written(on)))}</em>' if on else ""
    if confidence is not None:
        percent = round(100 * min(max(confidence, 0.0), 1.0))
        gauge = (
            f'<span class="kj-confidence" title="{escape(words("confidence_title"))}"><span>{words("confidence")}</span>'
            f'<span class="kj-bar" aria-hidden="true"><span style="width:{percent}%"></span></span>'
            f"<b>{percent}%</b></span>"
        )
    return (
        f'<header class="kj-strip kj-{kind}" role="status"><span class="kj-dot" aria-hidden="true"></span>'
        f"<strong>{escape(sentence)}</strong>{told}{gauge}</header>"
    )


def _asked(what: Shown, answer: Answer, words: Words) -> str:
    chips = "".join(f"<span class=kj-chip>{escape(chip)}</span>" for chip in _scope_values(answer.scope, words))
    return (
        f'<div class="kj-asked"><span class="kj-question" title="{escape(words("asked_about"))}">'
        f"{escape(answer.question)}</span>{_moment(what, answer, words)}{chips}</div>"
    )


def _moment(what: Shown, answer: Answer, words: Words) -> str:
    """The moment whose rules answered, as a field: the agent changes it, or takes it away, and the answer follows.

    `answer.as_of` is today where the request states no moment; what the question's words name stands before it.
    """
    on, today = _moments(what, answer)
    stated = on != today
    kind = "datetime-local" if isinstance(on, datetime) else "date"
    value = on.replace(tzinfo=None).isoformat(timespec="minutes") if isinstance(on, datetime) else on.isoformat()
    said = f"<b>{escape(words('time_words', words=answer.time.words))}</b>" if answer.time else ""
    away = (
        f'<button type="button" data-do="now" title="{escape(words("as_of_now"))}" '
        f'aria-label="{escape(words("as_of_now"))}">×</button>'
        if stated
        else ""
    )
    before, after = (escape(part) for part in words("as_of", date="\0").split("\0"))
    return (
        f'<span class="kj-chip kj-when{" kj-stated" if stated else ""}" data-today="{today.isoformat()}">{said}<label><span>{before}</span>'
        f'<input type="{kind}" value="{value}" data-was="{value}" aria-label="{escape(words("as_of_change"))}" '
        f'title="{escape(words("as_of_change"))} (Alt+D)"><span>{after}</span></label>{away}</span>'
    )


def _moments(what: Shown, answer: Answer) -> tuple[date | datetime, date | datetime]:
    """The moment whose rules answered, and today."""
    return answer.time.on if answer.time else answer.as_of, what.at.date() if answer.stated else answer.as_of


def _other_day(what: Shown, answer: Answer) -> date | datetime | None:
    on, today = _moments(what, answer)
    return on if on != today else None


def _written(moment: date | datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else moment.isoformat()


def _clause(answer: Answer, citation: Citation, words: Words) -> str:
    return (
        f'<section class="kj-clause"><div class="kj-source">{_source(citation, words)}</div>'
        f"{_context(citation)}"
        f'<blockquote class="kj-text" lang="{escape(citation.version.language)}" tabindex="0">'
        f"{marked(citation.clause.text, answer.highlights)}</blockquote>{_continued(answer, citation)}"
        f'<div class="kj-actions">'
        f"{_copy('both', quote_with_source(answer, citation, words), words, strong=True)}"
        f"{_copy('quote', quoted(answer, citation), words)}</div>"
        f'<dl class="kj-facts">{_facts(citation, words)}'
        f"{_fact(words('why'), _lines(answer.why), wide=True) if answer.why.strip() else ''}</dl></section>"
    )


def _continued(answer: Answer, citation: Citation) -> str:
    """The table or list that the clause leads in, in the columns that its header names."""
    if not answer.continued:
        return ""
    head = answer.continued[0].context.strip().splitlines()[-1:]
    names = _cells(head[0]) if head else []
    rows = [_cells(clause.text) for clause in answer.continued]
    named = len(names) > 1 and all(len(row) == len(names) for row in rows)
    top = f"<thead><tr>{''.join(f'<th>{escape(name)}</th>' for name in names)}</tr></thead>" if named else ""
    lines = "".join(f"<tr>{''.join(f'<td>{_lines(cell)}</td>' for cell in row)}</tr>" for row in rows)
    language = escape(citation.version.language)
    return f'<div class="kj-continued" lang="{language}"><table>{top}<tbody>{lines}</tbody></table></div>'


def _cells(row: str) -> list[str]:
    """What stands between the bars; those that Markdown sets at both ends part nothing."""
    cells = [cell.strip() for cell in row.strip().split("|")]
    return cells[1:-1] if len(cells) > 2 and not cells[0] and not cells[-1] else cells


def _editions(what: Shown, answer: Answer, words: Words) -> str:
    """How the clause will read, and how it read if that changed not long ago."""
    found: list[tuple[str, str | None]] = []
    if (later := answer.later) is not None:
        day = show_from(later.begins) or ""
        if later.clause is not None:
            found.append((words("edition_later", date=day), later.clause.text))
        elif family_of(later.version) == family_of(answer.citation.version if answer.citation else later.version):
            found.append((words("edition_gone", date=day), None))
        else:
            found.append((words("edition_replaced", date=day, title=later.version.title), None))
    earlier = answer.earlier
    if (
        earlier is not None
        and earlier.clause is not None
        and (what.at.date() - earlier.begins.date()).days <= RECENT_DAYS
    ):
        found.append((words("edition_earlier", date=show_from(earlier.begins) or ""), earlier.clause.text))
    items = "".join(
        f'<li><details><summary>{escape(said)}</summary><blockquote class="kj-text">{escape(text)}</blockquote></details></li>'
        if text is not None
        else f"<li>{escape(said)}</li>"
        for said, text in found
    )
    return f'<section class="kj-editions"><ul>{items}</ul></section>' if found else ""


def _context(citation: Citation) -> str:
    """A table's header or an article's lead-in: needed to read the clause, no part of the quote."""
    context = citation.clause.context.strip()
    return f'<p class="kj-context" lang="{escape(citation.version.language)}">{_lines(context)}</p>' if context else ""


def _source(citation: Citation, words: Words) -> str:
    steps = [f"<span>{escape(step)}</span>" for step in place(citation)]
    page = citation.clause.page
    if page is not None:
        steps.append(f'<span class="kj-page">{escape(words("page", page=page))}</span>')
    return f'<h2>{escape(_titled(citation))}</h2><p class="kj-path">{"".join(steps)}</p>'


def _facts(citation: Citation, words: Words) -> str:
    version = citation.version
    scope = _scope_values(version.scope, words) or [words("scope_all")]
    return "".join(
        [
            _fact(words("effective"), escape(_dates(citation, words))),
            _fact(words("authority_label"), escape(words.name("authority", version.authority))),
            _fact(words("scope_name"), escape(" · ".join(scope))),
            _fact(words("document_label"), f"<code>{escape(version.document)}</code>"),
        ]
    )


def _fact(name: str, value: str, *, wide: bool = False) -> str:
    return f"<div{' class=kj-wide' if wide else ''}><dt>{escape(name)}</dt><dd>{value}</dd></div>"


def _reply(answer: Answer, words: Words) -> str:
    if answer.reply is None:
        return ""
    first, others = answer.reply, [reply for reply in answer.replies if reply != answer.reply]
    more = "".join(
        f"<details><summary>{escape(words('reply_tone', tone=reply.tone or '—'))}</summary>{_wording(reply)}"
        f'{_slots(reply, words)}<div class="kj-actions">{_copy_reply(reply, words, key=False)}</div></details>'
        for reply in others
    )
    tone = f" · {words('reply_tone', tone=first.tone)}" if first.tone else ""
    return (
        f'<section class="kj-reply"><h3>{words("reply_unfilled" if first.slots else "reply")}'
        f"<small>{escape(words('reply_template', template=first.template) + tone)}</small></h3>"
        f"{_wording(first)}{_slots(first, words)}"
        f'<div class="kj-actions">{_copy_reply(first, words, strong=True)}</div>'
        f"{more}</section>"
    )


def _slots(reply: Reply, words: Words) -> str:
    return f'<p class="kj-slots">{escape(_unfilled(reply, words))}</p>' if reply.slots else ""


def _unfilled(reply: Reply, words: Words) -> str:
    return words("reply_slots", slots=words("list_comma").join(reply.slots))


def _copy_reply(reply: Reply, words: Words, *, strong: bool = False, key: bool = True) -> str:
    """What is still to be filled in is said again when it was copied: the agent looks at the chat by then."""
    done = f"{words('copied')} · {_unfilled(reply, words)}" if reply.slots else ""
    return _copy("reply", reply.text, words, strong=strong, key=key, done=done)


def _wording(reply: Reply) -> str:
    """A reply's text; its slots stand out, because the agent fills them in."""
    pieces, done = [], 0
    for match in SLOT.finditer(reply.text):
        pieces += [_lines(reply.text[done : match.start()]), f"<span class=kj-slot>{escape(match.group())}</span>"]
        done = match.end()
    return f'<p lang="{escape(reply.language)}">{"".join(pieces)}{_lines(reply.text[done:])}</p>'


def _escalation(answer: Answer, words: Words) -> str:
    if answer.escalate is None:
        return ""
    return (
        f'<section class="kj-escalate"><strong>{words("escalate")}</strong><p>{_lines(answer.escalate.reason)}</p>'
        f"<p>{escape(words('escalate_to', to=answer.escalate.to))}</p></section>"
    )


def _alternatives(alternatives: tuple[Alternative, ...], words: Words) -> str:
    if not alternatives:
        return ""
    items = "".join(_other(alternative, words("lost_because"), words) for alternative in alternatives)
    return f'<section class="kj-others"><h3>{words("alternatives")}</h3><ul>{items}</ul></section>'


def _nearest(alternatives: tuple[Alternative, ...], said: str, words: Words) -> str:
    if not alternatives:
        return ""
    items = "".join(_other(alternative, "", words) for alternative in alternatives)
    return (
        f'<section class="kj-others kj-nearest"><h3>{escape(said)}</h3><p>{words("nearest_note")}</p>'
        f"<ul>{items}</ul></section>"
    )


def _other(alternative: Alternative, because: str, words: Words) -> str:
    citation = alternative.citation
    steps = " ".join(place(citation)[-2:])
    lost = (
        f'<span class="kj-lost">{escape(because + alternative.lost_because)}</span>' if alternative.lost_because else ""
    )
    return (
        f'<li><details><summary title="{escape(words("show_text"))}"><span class="kj-other-name">'
        f"<b>{escape(_titled(citation))}</b> {escape(steps)}</span>"
        f"{lost}</summary>"
        f'{_context(citation)}<blockquote class="kj-text" lang="{escape(citation.version.language)}">{escape(citation.clause.text)}'
        f'</blockquote><dl class="kj-facts">{_facts(citation, words)}</dl></details></li>'
    )


def _footer(what: Shown, answer: Answer, words: Words, takes_feedback: bool) -> str:
    total = answer.timings_ms.get("total")
    facts = [
        words("snapshot", snapshot=answer.snapshot),
        words("answered_at", time=what.at.strftime("%H:%M:%S")),
        *([words("took", ms=f"{total:.0f}")] if total is not None else []),
    ]
    return (
        f"<footer>{_feedback(words) if takes_feedback else ''}"
        f'<p class="kj-trace">{escape(" · ".join(facts))}</p></footer>'
    )


def _feedback(words: Words) -> str:
    buttons = "".join(
        f'<button type="button" data-verdict="{verdict.value}" aria-pressed="false">'
        f"{words(f'feedback_{verdict.value}')}</button>"
        for verdict in Verdict
    )
    return (
        f'<div class="kj-feedback" data-done="{escape(words("feedback_done"))}" '
        f'data-failed="{escape(words("feedback_failed"))}"><span>{words("feedback")}</span>{buttons}'
        f'<form hidden><input type="text" maxlength="2000" placeholder="{escape(words("feedback_note"))}" '
        f'aria-label="{escape(words("feedback_note"))}"><button type="submit">{words("feedback_send")}</button></form>'
        '<output role="status"></output></div>'
    )


def _copy(what: str, text: str, words: Words, *, strong: bool = False, key: bool = True, done: str = "") -> str:
    """A copy button; its text travels in a data attribute, where no markup is read."""
    pressed = f'data-key="{COPY_KEYS[what]}" ' if key else ""
    hint = f"<kbd>Alt+{COPY_KEYS[what]}</kbd>" if key else ""
    says = words(f"copy_{what}")
    return (
        f'<button type="button" class="kj-copy{" kj-strong" if strong else ""}" data-copy="{escape(text)}" '
        f'{pressed}data-says="{escape(says)}" data-done="{escape(done or words("copied"))}" '
        f'data-failed="{escape(words("copy_failed"))}"><span>{escape(says)}</span>'
        f"{hint}</button>"
    )


def _titled(citation: Citation) -> str:
    title, chinese = citation.version.title, citation.version.language.startswith("zh")
    return f"《{title.strip('《》')}》" if chinese else title


def _dates(citation: Citation, words: Words) -> str:
    starts, ends = show_from(citation.effective_from), show_until(citation.effective_until)
    if starts and ends:
        return words("effective_both", **{"from": starts, "to": ends})
    if starts:
        return words("effective_from", **{"from": starts})
    return words("effective_to", to=ends) if ends else words("effective_open")


def _scope_values(scope: Mapping[str, str], words: Words) -> list[str]:
    return [f"{words.name('dimension', dimension)} {value}" for dimension, value in sorted(scope.items())]


def _short_mark(answer: Answer) -> str:
    """What stands beside the question in the list of recent ones."""
    return (
        escape(place(answer.citation)[-1])
        if _is_answered(answer) and answer.citation and place(answer.citation)
        else ""
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
