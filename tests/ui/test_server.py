"""How the server stops: `kb serve` is ended with Ctrl-C while pages are open."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ui.api import HEARTBEAT, Guard

SCOPE = {"type": "http", "method": "GET", "path": f"{HEARTBEAT}abc", "headers": []}


async def never() -> Any:
    await asyncio.Event().wait()


@pytest.mark.parametrize("path", [f"{HEARTBEAT}abc", "/v1/ask"])
def test_the_line_of_an_open_page_ends_when_the_server_stops_and_a_question_does_not(path: str) -> None:
    heard: list[str] = []

    async def page(scope, receive, send) -> None:
        heard.append((await receive())["type"])

    async def run() -> None:
        stopping = asyncio.Event()
        line = asyncio.create_task(Guard(page, stopping)({**SCOPE, "path": path}, never, never))
        await asyncio.sleep(0.05)
        assert heard == []
        stopping.set()
        await asyncio.wait({line}, timeout=0.5)
        assert line.done() == (path != "/v1/ask")
        line.cancel()

    asyncio.run(run())
    assert heard == (["http.disconnect"] if path != "/v1/ask" else [])


@pytest.mark.parametrize("stops", [True, False])
def test_what_is_cut_off_by_the_end_is_told_so_and_leaves_no_traceback(stops: bool) -> None:
    sent: list[dict[str, Any]] = []

    async def slow(scope, receive, send) -> None:
        await asyncio.sleep(60)

    async def send(message) -> None:
        sent.append(message)

    async def run() -> None:
        stopping = asyncio.Event()
        asking = asyncio.create_task(Guard(slow, stopping)({**SCOPE, "path": "/v1/ask"}, never, send))
        await asyncio.sleep(0)
        if stops:
            stopping.set()
        asking.cancel()  # as uvicorn does with what is still running after its patience
        if stops:
            await asking
        else:
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(run())
    assert [message.get("status") for message in sent[:1]] == ([503] if stops else [])
