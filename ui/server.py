"""`kb serve`: the web desk and the REST API in one process."""

from __future__ import annotations

import os
import socket
import sys

from kb.home import Home
from kb.settings import section
from ui.errors import UiError


def run(home: Home, host: str, port: int) -> None:
    """Serves until it is told to stop. Raises UiError where the address cannot be listened on."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # must be told before gradio is imported
    listening = _listen(host, port)
    _say("Opening the knowledge base …")
    import uvicorn

    from assistant.live import LiveAssistant
    from ui.api import create_app
    from ui.audited import AuditedAssistant
    from ui.maintenance import Maintenance, ServeSettings
    from ui.web.examples import Examples

    settings = section(ServeSettings, home.tables.get("serve", {}), "serve")
    live = LiveAssistant(home)
    audited = AuditedAssistant(live, home, "serve")
    assistant = audited if home.settings.audit_answers else live
    examples = Examples(live)
    examples()  # they are there when the first page is opened
    app = create_app(
        assistant,
        examples=examples,
        record_feedback=audited.record_feedback,
        maintenance=Maintenance(home, settings.token, live.catch_up),
    )
    counts = assistant.summary()
    host_shown, port_shown = listening.getsockname()[:2]
    if host_shown in ("0.0.0.0", "::"):
        host_shown = "localhost"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _say(f"{assistant.snapshot}: {counts['documents']} documents, {counts['clauses']} clauses.")
            print(f"Koujing is ready: http://{host_shown}:{port_shown}/", flush=True)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.stopping.set()  # or an open page's line, which never ends by itself, would be waited for
            await super().shutdown(sockets)

    # Access logs stay off: a question in a log is a customer's data.
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets that state their protocol; with it on, every
    # answer waits 40 ms for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UiError(
            f"Cannot listen on {host}:{port} ({error.strerror or error}). Stop what listens there, or choose another "
            "with --port."
        ) from error
    return listening


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
