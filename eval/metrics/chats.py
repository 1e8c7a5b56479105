"""Whether the last turn of a chat gets the answer that its question gets when it is asked in full."""

from __future__ import annotations

import numpy as np

from eval.metrics.table import Measure, mean

# Over answerable chats for whose intent there is a wording that leans on no chat.
CHATS: dict[str, Measure] = {
    # of those whose question is answered when asked in full: answered with the same clause
    "chat_same": mean(lambda t: ~np.isnan(t.chat_same), lambda t: t.chat_same),
    # of all of them: the same best clause, answered or held back
    "chat_same_first": mean(lambda t: ~np.isnan(t.chat_same_first), lambda t: t.chat_same_first),
}
