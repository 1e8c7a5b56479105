"""Examples on the page: only what the base answers."""

from __future__ import annotations

import time

from assistant.types import AnswerStatus, Request
from tests.support import Base
from ui.web import examples
from ui.web.examples import Examples

FAQ = "# 常见问题\n\n问：发票可以换抬头吗？\n\n答：开票后30天内可以换一次抬头。\n"
RULES = "# 运费规则\n\n## 退货运费\n\n退货的运费由谁承担，看责任在谁；多久能到账见退款规则，不收任何费用。\n"


def test_examples_are_questions_of_the_documents_and_are_answered(base: Base) -> None:
    base.ingest(base.write("faq.md", FAQ), base.write("rules.md", RULES))
    assistant = base.assistant()
    found = examples.find(assistant)
    assert "发票可以换抬头吗？" in found
    assert all(assistant.ask(Request(question)).status is AnswerStatus.ANSWERED for question in found)
    assert len(set(found)) == len(found) <= examples.SHOWN


def test_a_base_that_answers_nothing_offers_nothing(base: Base) -> None:
    base.ingest(base.write("faq.md", FAQ))
    assert examples.find(base.assistant(line=1.01)) == ()


def test_they_are_looked_for_once_and_without_waiting(base: Base) -> None:
    base.ingest(base.write("faq.md", FAQ))
    offered = Examples(base.assistant())
    began = time.monotonic()
    while not offered() and time.monotonic() < began + 30:
        time.sleep(0.05)
    assert offered() == ("发票可以换抬头吗？",)
