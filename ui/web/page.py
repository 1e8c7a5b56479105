"""The agent's desk in Gradio: layout and wiring. What it does is in handlers, what it shows in render."""

from __future__ import annotations

import json
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by Gradio when it is imported

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from ui.types import Assistant
from ui.web import handlers, render
from ui.web.wording import DEFAULT_LANGUAGE, LANGUAGES, Words, other_language, pick_language, words_for

Examples = Callable[[], Sequence[str]]
STATIC = Path(__file__).parent / "static"
PARALLEL_QUESTIONS = 8  # Gradio's own default is one at a time
HEAD = (
    '<link rel="stylesheet" href="desk/colours.css"><link rel="stylesheet" href="desk/desk.css">'
    '<script src="desk/desk.js"></script>'
)

# These texts are the components' own; the rest of the page is HTML from render.
COMPONENT_TEXTS = ("question_label", "question_placeholder", "ask", "as_of_label")


def mount_page(app: FastAPI, assistant: Assistant, *, takes_feedback: bool, examples: Examples) -> FastAPI:
    """Puts the desk at `/`. Its stylesheet and script must be served below `/desk`."""
    i18n = _first_paint(assistant)
    return gr.mount_gradio_app(
        app,
        build_page(assistant, i18n, takes_feedback=takes_feedback, examples=examples),
        path="/",
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=HEAD,
        i18n=i18n,
        footer_links=[],
        run_history=False,  # or every question would stay in the browser's storage
        ssr_mode=False,
        show_error=False,
        max_file_size="1b",  # nothing is uploaded here
        enable_monitoring=False,
        favicon_path=STATIC / "favicon.png",
    )


def build_page(assistant: Assistant, i18n: gr.I18n, *, takes_feedback: bool, examples: Examples) -> gr.Blocks:
    words = words_for(DEFAULT_LANGUAGE)
    dimensions = tuple(assistant.scopes())  # their values follow what is published, they themselves a restart

    with gr.Blocks(title=words("app_title"), analytics_enabled=False, fill_width=True) as page:
        language = gr.State(DEFAULT_LANGUAGE)
        last = gr.State(None)
        remembered = gr.BrowserState({}, storage_key="koujing-desk", secret="koujing")
        with gr.Row(elem_id="kj-top"):
            header = gr.HTML(**_bare("kj-header"))
            switch = gr.Button(words("switch_to"), elem_id="kj-switch", size="sm", scale=0)
        with gr.Row(elem_id="kj-desk"):
            with gr.Column(elem_id="kj-left"):
                question = gr.Textbox(
                    label=i18n("question_label"),
                    placeholder=i18n("question_placeholder"),
                    show_label=False,
                    lines=1,  # with a single line Enter sends and Shift+Enter breaks; the stylesheet makes it tall
                    max_lines=14,
                    max_length=handlers.MAX_HISTORY_CHARS,
                    autofocus=True,
                    elem_id="kj-question",
                )
                sent = gr.Textbox(show_label=False, max_lines=1, elem_id="kj-sent")  # desk.js: a handlers.Sent
                tab = gr.Textbox(show_label=False, max_lines=1, elem_id="kj-tab")  # what the browser's tab remembers
                help_line = gr.HTML(**_bare("kj-help"))
                ask = gr.Button(i18n("ask"), variant="primary", elem_id="kj-ask")
                scope_heading = gr.HTML(**_bare("kj-scope-heading"))
                with gr.Row(elem_id="kj-scope"):
                    pickers = [
                        gr.Dropdown(
                            [("—", "")],
                            value="",
                            label=i18n(f"dimension_{dimension}"),
                            interactive=True,
                            min_width=130,
                        )
                        for dimension in dimensions
                    ]
                    as_of = gr.Textbox(
                        label=i18n("as_of_label"),
                        max_lines=1,
                        placeholder="YYYY-MM-DD",
                        elem_id="kj-as-of",
                        min_width=130,
                    )
                recent = gr.HTML(**_bare("kj-recent"))
            with gr.Column(elem_id="kj-right"):
                right = gr.HTML(**_bare("kj-answer"))

        texts = [header, switch, question, help_line, ask, scope_heading, as_of, recent, right, *pickers]

        def dress(chosen: str, what: handlers.Shown | None, scope: Mapping[str, str | None]) -> list[Any]:
            """Every text of the page in one language, in the order of `texts`."""
            spoken, known = words_for(chosen), assistant.scopes()
            return [
                render.header(spoken, assistant.snapshot, assistant.summary()),
                gr.update(value=spoken("switch_to")),
                gr.update(label=spoken("question_label"), placeholder=spoken("question_placeholder")),
                render.question_help(spoken),
                gr.update(value=spoken("ask")),
                render.heading(spoken("scope_label")),
                gr.update(label=spoken("as_of_label"), info=None),
                render.recent(spoken),
                render.shown(what, spoken, takes_feedback=takes_feedback, examples=examples()),
                *(
                    _picker(spoken, dimension, known.get(dimension, ()), scope.get(dimension))
                    for dimension in dimensions
                ),
            ]

        def open_desk(kept: Mapping[str, Any] | None, remembers: str, request: gr.Request) -> list[Any]:
            chosen = pick_language((kept or {}).get("language"), request.headers.get("accept-language"))
            scope, day = handlers.read_tab(remembers, assistant.scopes())
            dressed = dress(chosen, None, scope)
            dressed[texts.index(as_of)]["value"] = day
            return [chosen, *dressed]

        def change_language(chosen: str, what: handlers.Shown | None, *values: str | None) -> list[Any]:
            chosen, scope = other_language(chosen), dict(zip(dimensions, values, strict=True))
            what = handlers.in_language(assistant, what, chosen, assistant.now())
            return [chosen, {"language": chosen}, what, *dress(chosen, what, scope)]

        def answer(
            text: str, day: str, raw: str, before: handlers.Shown | None, chosen: str, *values: str | None
        ) -> tuple[handlers.Shown, str]:
            asked = handlers.read_sent(raw) or handlers.Sent(text=text)
            scope = dict(zip(dimensions, values, strict=True))
            what = handlers.answer(assistant, asked, day, scope, chosen, before, assistant.now())
            return what, render.shown(what, words_for(chosen), takes_feedback=takes_feedback)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        wide: dict[str, Any] = {**quiet, "concurrency_limit": PARALLEL_QUESTIONS}
        page.load(
            open_desk,
            [remembered, tab],
            [language, *texts],
            js="(kept) => [kept, window.koujing ? window.koujing.tab() : '']",
            **wide,
        )
        switch.click(change_language, [language, last, *pickers], [language, remembered, last, *texts], **wide)
        asked = gr.on(
            [question.submit, ask.click, as_of.submit],
            answer,
            [question, as_of, sent, last, language, *pickers],
            [last, right],
            trigger_mode="always_last",  # what was sent last while another question was out is asked after it
            **wide,
        )
        asked.then(None, js="() => window.koujing && window.koujing.answered()", **quiet)
        for picker in pickers:
            picker.input(
                None, pickers, None, js=f"(...chosen) => window.koujing.keep({json.dumps(dimensions)}, chosen)", **quiet
            )
    return page


def _first_paint(assistant: Assistant) -> gr.I18n:
    """What the components say before the page has asked the server for its language: the browser's."""
    return gr.I18n(**{language: _component_texts(words_for(language), assistant) for language in LANGUAGES})


def _component_texts(words: Words, assistant: Assistant) -> dict[str, str]:
    texts = {key: words(key) for key in COMPONENT_TEXTS}
    return texts | {f"dimension_{name}": words.name("dimension", name) for name in assistant.scopes()}


def _picker(words: Words, dimension: str, values: tuple[str, ...], chosen: str | None) -> Any:
    return gr.update(
        label=words.name("dimension", dimension), choices=[(words("all_values"), ""), *values], value=chosen or ""
    )


def _bare(elem_id: str) -> dict[str, Any]:
    """An HTML component that brings neither style nor script of its own."""
    return {"value": "", "elem_id": elem_id, "apply_default_css": False, "js_on_load": None, "padding": False}
