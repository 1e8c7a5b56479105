"""What each stage of retrieval is worth: right clause first with one stage alone, and with all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant import Assistant
from eval.types import Case
from kb.search import Weights

STAGES = {
    "dense alone": Weights(clause=1.0, sentence=0.0, lexical=0.0, language=0.0, document=0.0),
    "sentences alone": Weights(clause=0.0, sentence=1.0, lexical=0.0, language=0.0, document=0.0),
    "lexical alone": Weights(clause=0.0, sentence=0.0, lexical=1.0, language=0.0, document=0.0),
    "fused": Weights(language=0.0, document=0.0),
    "fused, languages levelled": Weights(document=0.0),
    "shipped": Weights(),
}


def right_first(assistant: Assistant, cases: Sequence[Case], tick: Callable[[int, int], None]) -> dict[str, float]:
    """Share of `cases` whose first hit is a gold clause, by stage; nothing is resolved or decided."""
    found = {}
    for number, (name, weights) in enumerate(STAGES.items(), 1):
        right = 0
        for case in cases:
            hits = assistant.search(case.request, 1, weights)
            right += any(
                gold.matches(hit.clause.document, hit.clause.label, hit.clause.text)
                for gold in case.gold
                for hit in hits
            )
        found[name] = round(right / len(cases), 4) if cases else float("nan")
        tick(number, len(STAGES))
    return found
