"""From an answer to the HTML of the desk. Pure; every text that comes from data is escaped here, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape

from assistant.types import Alternative, Answer, AnswerStatus, Citation, Reason, Reply
from kb.moments import show_from, show_until
from kb.replies import SLOT
from kb.validity import family_of
from ui.types import Verdict
from ui.web.handlers import Shown
from ui.web.wording import Words

UNSURE_BELOW = 0.5  # an answer as likely wrong as right is not shown in the colour of certainty
RECENT_DAYS = 90  # a change is news for this long: customers still quote the old rule
CHOICE_KEYS = 9  # Alt and a digit
COPY_KEYS = {"both": "C", "quote": "Q", "reply": "R"}  # pressed with Alt


def welcome(words: Words) -> str:
    return (
        f'<section class="kj-welcome" lang="{words("html_lang")}">'
        f"<h2>{words('welcome_title')}</h2><p>{words('welcome_text')}</p>"
        f"<p>{words('welcome_chat')}</p><pre>{escape(words('welcome_example'))}</pre></section>"
    )


def header(words: Words, snapshot: str, summary: Mapping[str, int]) -> str:
    base = words("base", documents=f"{summary['documents']:,}", clauses=f"{summary['clauses']:,}")
    return (
        f'<div class="kj-header" data-language="{words("html_lang")}" data-title="{escape(words("app_title"))}" '
        f'data-working="{escape(words("working"))}" data-slow="{escape(words("slow"))}">'
        f"<h1>{words('brand')}</h1><span class='kj-tagline'>{words('tagline')}</span>"
        f'<span class="kj-base" title="{escape(words("snapshot", snapshot=snapshot))}">{base}</span>'
        f'<button type="button" class="kj-icon" data-do="theme" title="{words("theme")}" aria-label="{words("theme")}">'
        '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="6.5" fill="none" '
        'stroke="currentColor"/><path d="M8 1.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"/></svg></button></div>'
    )


def question_help(words: Words) -> str:
    return f'<p class="kj-help">{words("question_help")}</p>'


def heading(text: str) -> str:
    return f'<h2 class="kj-side-heading">{escape(text)}</h2>'


def recent(words: Words) -> str:
    """The frame of the list; desk.js fills it from the browser's own session storage."""
    return (
        f"{heading(words('recent_label'))}"
        f'<ol class="kj-recent" data-empty="{escape(words("recent_empty"))}"><li class="kj-none">'
        f"{words('recent_empty')}</li></ol>"
    )


def shown(what: Shown | None, words: Words, *, takes_feedback: bool) -> str:
    """The right side of the desk."""
    if what is None:
        return welcome(words)
    if what.answer is None:
        return _trouble(what, words)
    answer = what.answer
    body = _answered(what, answer, words) if _is_answered(answer) else _abstained(what, answer, words)
    return (
        f'<article class="kj-answer" lang="{words("html_lang")}" data-status="{answer.status.value}" '
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


def quote_with_source(answer: Answer, citation: Citation, words: Words) -> str:
    quote = answer.quote or citation.clause.text
    chinese = citation.version.language.startswith("zh")
    quoted = f"“{quote}”" if "\n" not in quote else quote
    return f"{quoted}\n{'——' if chinese else '— '}{citation_line(citation, words)}"


def _is_answered(answer: Answer) -> bool:
    return answer.status is AnswerStatus.ANSWERED and answer.citation is not None


def _answered(what: Shown, answer: Answer, words: Words) -> str:
    citation = answer.citation
    assert citation is not None
    return "".join(
        [
            _verdict(answer, words),
            _asked(what, answer, words),
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
    return "".join(
        [
            _strip("unsafe" if urgent else "abstained", words.name("reason", reason), words),
            _asked(what, answer, words),
            f'<section class="kj-why-not"><p>{_lines(answer.why)}</p>'
            if answer.why
            else '<section class="kj-why-not">',
            f'<p class="kj-advice">{escape(words.name("reason_advice", reason))}</p>{_choices(answer)}</section>',
            _escalation(answer, words),
            _reply(answer, words),
            _nearest(nearest, words("nearest_open" if answer.choices else "nearest"), words) if not urgent else "",
        ]
    )


def _choices(answer: Answer) -> str:
    """A button for each value that the question leaves open: desk.js asks it again for that value."""
    if answer.choices is None:
        return ""
    buttons = []
    for number, value in enumerate(answer.choices.values, 1):
        hint = f"<kbd>Alt+{number}</kbd>" if number <= CHOICE_KEYS else ""
        buttons.append(
            f'<button type="button" data-value="{escape(value)}"><span>{escape(value)}</span>{hint}</button>'
        )
    return f'<p class="kj-choices" data-dimension="{escape(answer.choices.dimension)}">{"".join(buttons)}</p>'


def _trouble(what: Shown, words: Words) -> str:
    assert what.trouble is not None
    sentence = words(f"error_{what.trouble.value}", **(what.details or {}))
    return (
        f'<article class="kj-answer" lang="{words("html_lang")}" data-status="error">'
        f"{_strip('error', words('error'), words)}"
        f'<section class="kj-why-not" role="alert"><p>{escape(sentence)}</p></section></article>'
    )


def _verdict(answer: Answer, words: Words) -> str:
    kind = "answered" if answer.confidence >= UNSURE_BELOW else "unsure"
    return _strip(kind, words(kind), words, confidence=answer.confidence)


def _strip(kind: str, sentence: str, words: Words, *, confidence: float | None = None) -> str:
    gauge = ""
    if confidence is not None:
        percent = round(100 * min(max(confidence, 0.0), 1.0))
        gauge = (
            f'<span class="kj-confidence" title="{escape(words("confidence_title"))}"><span>{words("confidence")}</span>'
            f'<span class="kj-bar" aria-hidden="true"><span style="width:{percent}%"></span></span>'
            f"<b>{percent}%</b></span>"
        )
    return (
        f'<header class="kj-strip kj-{kind}" role="status"><span class="kj-dot" aria-hidden="true"></span>'
        f"<strong>{escape(sentence)}</strong>{gauge}</header>"
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
    on = answer.time.on if answer.time else answer.as_of
    today = what.at.date() if answer.stated else answer.as_of
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


def _clause(answer: Answer, citation: Citation, words: Words) -> str:
    return (
        f'<section class="kj-clause"><div class="kj-source">{_source(citation, words)}</div>'
        f"{_context(citation)}"
        f'<blockquote class="kj-text" lang="{escape(citation.version.language)}" tabindex="0">'
        f"{marked(citation.clause.text, answer.highlights)}</blockquote>"
        f'<div class="kj-actions">'
        f"{_copy('both', quote_with_source(answer, citation, words), words, strong=True)}"
        f"{_copy('quote', answer.quote or citation.clause.text, words)}</div>"
        f'<dl class="kj-facts">{_facts(citation, words)}'
        f"{_fact(words('why'), _lines(answer.why), wide=True) if answer.why else ''}</dl></section>"
    )


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
        f'<div class="kj-actions">{_copy("reply", reply.text, words, key=False)}</div></details>'
        for reply in others
    )
    slots = (
        f'<p class="kj-slots">{escape(words("reply_slots", slots="、".join(first.slots)))}</p>' if first.slots else ""
    )
    tone = f" · {words('reply_tone', tone=first.tone)}" if first.tone else ""
    return (
        f'<section class="kj-reply"><h3>{words("reply")}'
        f"<small>{escape(words('reply_template', template=first.template) + tone)}</small></h3>"
        f'{_wording(first)}{slots}<div class="kj-actions">{_copy("reply", first.text, words, strong=True)}</div>'
        f"{more}</section>"
    )


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


def _copy(what: str, text: str, words: Words, *, strong: bool = False, key: bool = True) -> str:
    """A copy button; its text travels in a data attribute, where no markup is read."""
    pressed = f'data-key="{COPY_KEYS[what]}" ' if key else ""
    hint = f"<kbd>Alt+{COPY_KEYS[what]}</kbd>" if key else ""
    says = words(f"copy_{what}")
    return (
        f'<button type="button" class="kj-copy{" kj-strong" if strong else ""}" data-copy="{escape(text)}" '
        f'{pressed}data-says="{escape(says)}" data-done="{escape(words("copied"))}" '
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
