"""REST on FastAPI, with the agent's desk at `/`.

Nothing here writes a question, an answer or a note to a log: they are personal data until masked.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from assistant.errors import AssistantError, BadRequest
from kb.errors import Busy, KbError, NotFound
from ui.errors import InvalidRequest
from ui.json import (
    answer_to_json,
    error_to_json,
    feedback_from_json,
    ingest_from_json,
    request_from_json,
    search_from_json,
)
from ui.listing import hits_to_json
from ui.maintenance import Maintenance, Outcome
from ui.metrics import CONTENT_TYPE, MeteredAssistant
from ui.openapi import (
    ASK_DOCUMENTATION,
    FEEDBACK_DOCUMENTATION,
    INGEST_DOCUMENTATION,
    MAX_LIST,
    SEARCH_DOCUMENTATION,
    UPLOAD_DOCUMENTATION,
)
from ui.types import Assistant, RecordFeedback

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8 * 1024 * 1024  # 256 questions of 8,000 hanzi are 6 MB
MAX_UPLOAD_BYTES = 512 * 1024 * 1024
MAX_UPLOADED_FILES = 200

# By this an open page hears that the server is there. It ends when one of the two goes away.
HEARTBEAT = "/gradio_api/heartbeat/"

# Gradio's own doors that the desk does not use: no files come in, nothing is fetched on its behalf.
CLOSED = ("/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/proxy=", "/gradio_api/file=", "/monitoring")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Problem(Exception):
    """An answer as application/problem+json (RFC 9457)."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def create_app(
    assistant: Assistant,
    *,
    record_feedback: RecordFeedback | None = None,
    maintenance: Maintenance | None = None,
    desk: bool = True,
    examples: Callable[[], Sequence[str]] = tuple,
) -> FastAPI:
    """The whole web face of one knowledge base.

    `record_feedback` masks and keeps what agents say of an answer; without it there are no feedback
    buttons and no /v1/feedback. Without `maintenance` the base can be asked, but neither listed nor changed.
    `desk=False` leaves the page out, and with it four seconds of import. `examples` gives the questions that the page
    offers to begin with.
    """
    app = FastAPI(title="Koujing", version="1", docs_url=None, redoc_url=None)
    assistant = metered = MeteredAssistant(assistant)
    _add_problems(app)
    _add_health(app, assistant)
    _add_metrics(app, metered)
    _add_ask(app, assistant)
    _add_search(app, assistant)
    if maintenance is not None:
        _add_listings(app, maintenance)
        _add_changes(app, maintenance)
    if record_feedback is not None:
        _add_feedback(app, record_feedback)
    _add_leftovers(app)
    if desk:
        from ui.web.page import STATIC, mount_page

        app.mount("/desk", StaticFiles(directory=STATIC))
        mount_page(app, assistant, takes_feedback=record_feedback is not None, examples=examples)
        for mounted in app.routes:  # the page's program is one of its own, and answers for what is nowhere
            if isinstance(mounted, Mount) and isinstance(mounted.app, FastAPI):
                mounted.app.add_exception_handler(HTTPException, _http_problem)
    app.state.stopping = asyncio.Event()
    app.add_middleware(Guard, stopping=app.state.stopping)
    return app


def _add_ask(app: FastAPI, assistant: Assistant) -> None:
    @app.post("/v1/ask", summary="Answer one request, or a list of them", openapi_extra=ASK_DOCUMENTATION)
    async def ask(request: Request) -> Response:
        value = await _read_json(request)
        if isinstance(value, list) and len(value) > MAX_LIST:
            found = f"The list has {len(value):,} requests; at most {MAX_LIST} are read. Send it in parts."
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, found)
        # In a thread: an answer is some 40 ms of computing, during which others must be served.
        return _json(await run_in_threadpool(_answer, assistant, value))


def _answer(assistant: Assistant, value: object) -> Any:
    if isinstance(value, list):
        return [_answer_row(assistant, row) for row in value]
    return answer_to_json(assistant.ask(request_from_json(value)))


def _answer_row(assistant: Assistant, row: object) -> dict[str, Any]:
    """One row of a list: what goes wrong in it stays in it."""
    try:
        return answer_to_json(assistant.ask(request_from_json(row)))
    except (InvalidRequest, AssistantError, KbError) as error:
        return error_to_json(str(error), snapshot=assistant.snapshot, row=row)
    except Exception as failure:
        log.error("A row of /v1/ask failed: %s", type(failure).__name__)
        return error_to_json("The answer could not be computed.", snapshot=assistant.snapshot, row=row)


def _add_search(app: FastAPI, assistant: Assistant) -> None:
    @app.post("/v1/search", summary="The ranked clauses for a query", openapi_extra=SEARCH_DOCUMENTATION)
    async def search(request: Request) -> Response:
        asked, top = search_from_json(await _read_json(request))
        hits = await run_in_threadpool(assistant.search, asked, top)
        return _json(hits_to_json(asked.question, hits, assistant.snapshot))


def _add_listings(app: FastAPI, maintenance: Maintenance) -> None:
    @app.get("/v1/documents", summary="What is in the base, and whether it is in force")
    async def documents(clauses: bool = False) -> Response:
        return _json(await run_in_threadpool(maintenance.documents, clauses))

    @app.get("/v1/clauses/{clause_id}", summary="One clause, with its document's versions")
    async def clause(clause_id: str) -> Response:
        return _json(await run_in_threadpool(maintenance.clause, clause_id))

    @app.get("/v1/snapshots", summary="The versions of the whole base")
    async def snapshots() -> Response:
        return _json(await run_in_threadpool(maintenance.snapshots))


def _add_changes(app: FastAPI, maintenance: Maintenance) -> None:
    def admit(request: Request) -> None:
        headers = request.headers
        forwarded = any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
        authorization = headers.get("authorization")
        client = request.client.host if request.client and _is_own_page(request) else None
        if not maintenance.admits(client, forwarded, authorization):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "Only maintainers may change the base: send Authorization: Bearer with the token of serve.token in "
                "settings.toml, or, where none is set, ask from this machine itself.",
            )

    @app.post(
        "/v1/documents",
        status_code=HTTPStatus.CREATED,
        summary="Upload files for the next ingest",
        openapi_extra=UPLOAD_DOCUMENTATION,
    )
    async def upload(request: Request) -> Response:
        admit(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Expected multipart/form-data with the files in `file`.")
        limited = Request(request.scope, _bounded(request.receive, MAX_UPLOAD_BYTES))
        async with limited.form(max_files=MAX_UPLOADED_FILES, max_fields=10) as form:
            files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
            if not files:
                raise InvalidRequest("The form has no file; expected one or more in `file`.")
            stored = [await run_in_threadpool(maintenance.store, file.filename or "", file.file) for file in files]
        return _json({"stored": stored, "next": "POST /v1/ingest"}, HTTPStatus.CREATED)

    @app.post(
        "/v1/ingest", summary="Bring the base in step with its uploads and folders", openapi_extra=INGEST_DOCUMENTATION
    )
    async def ingest(request: Request) -> Response:
        admit(request)
        given = ingest_from_json(await _read_json(request) if _has_body(request) else {})
        return _outcome(await run_in_threadpool(lambda: maintenance.ingest(**given)))

    @app.post("/v1/snapshots/{snapshot}/publish", summary="Make a snapshot the one that answers")
    async def publish(request: Request, snapshot: str) -> Response:
        admit(request)
        return _outcome(await run_in_threadpool(maintenance.publish, snapshot))


def _outcome(outcome: Outcome) -> Response:
    if outcome.report is not None:
        return _json(outcome.report, HTTPStatus.OK if outcome.status == 0 else HTTPStatus.CONFLICT)
    raise Problem(HTTPStatus.CONFLICT, outcome.said or f"The command ended with status {outcome.status}.")


def _is_own_page(request: Request) -> bool:
    """Whether the request can come from no foreign page: browsers name the page's origin, and a name that was bent to
    this machine's address stands in Host."""
    host = request.headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in ("localhost", "127.0.0.1", "::1"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _has_body(request: Request) -> bool:
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _bounded(receive: Receive, limit: int) -> Receive:
    """`receive`, refusing to go on past `limit` bytes of body, whatever length was declared."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _too_large(limit)
        return message

    return bounded


def _add_metrics(app: FastAPI, metered: MeteredAssistant) -> None:
    @app.get("/metrics", summary="Counts and times for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(metered.exposition(), media_type=CONTENT_TYPE)


def _add_feedback(app: FastAPI, record_feedback: RecordFeedback) -> None:
    @app.post(
        "/v1/feedback",
        status_code=HTTPStatus.NO_CONTENT,
        response_class=Response,
        summary="Say whether an answer was right",
        openapi_extra=FEEDBACK_DOCUMENTATION,
    )
    async def feedback(request: Request) -> Response:
        given = feedback_from_json(await _read_json(request))
        await run_in_threadpool(record_feedback, given)
        return Response(status_code=HTTPStatus.NO_CONTENT)


def _add_health(app: FastAPI, assistant: Assistant) -> None:
    @app.get("/healthz", summary="The process is up")
    async def healthz() -> Response:
        return _json({"status": "up"})

    @app.get("/readyz", summary="A snapshot is loaded")
    async def readyz() -> Response:
        if not assistant.snapshot:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "No snapshot is loaded. Bring documents in: `kb ingest`.")
        return _json({"status": "ready", "snapshot": assistant.snapshot, **assistant.summary()})


def _add_leftovers(app: FastAPI) -> None:
    """What is left below /v1 is ours to refuse, not the page's."""

    @app.api_route(
        "/v1/{rest:path}",
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"],
        include_in_schema=False,
    )
    async def leftover(request: Request) -> Response:
        path = request.url.path
        known = [
            route
            for route in app.routes
            if "{rest:" not in route.path and route.matches(request.scope)[0] is not Match.NONE  # type: ignore[attr-defined]
        ]
        allowed = sorted({method for route in known for method in getattr(route, "methods", None) or ()})
        if allowed:
            detail = f"{request.method} does not work on {path}; expected {', '.join(allowed)}."
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": ", ".join(allowed)})
        raise Problem(HTTPStatus.NOT_FOUND, f"There is nothing at {path}. See /openapi.json for what there is.")


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return _problem(error.status, error.detail, error.headers)

    @app.exception_handler(InvalidRequest)
    async def invalid(request: Request, error: InvalidRequest) -> Response:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if error.too_large else HTTPStatus.UNPROCESSABLE_ENTITY
        return _problem(status, str(error))

    @app.exception_handler(BadRequest)
    async def refused(request: Request, error: BadRequest) -> Response:
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))

    @app.exception_handler(NotFound)
    async def missing(request: Request, error: NotFound) -> Response:
        return _problem(HTTPStatus.NOT_FOUND, str(error))

    @app.exception_handler(Busy)
    async def busy(request: Request, error: Busy) -> Response:
        return _problem(HTTPStatus.CONFLICT, str(error))

    @app.exception_handler(RequestValidationError)  # of what stands in the address
    async def unfit(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        said = f"{first['loc'][-1]}: {first['msg']}; found {str(first.get('input'))[:40]!r}."
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, said)

    @app.exception_handler(AssistantError)
    @app.exception_handler(KbError)
    async def unable(request: Request, error: AssistantError | KbError) -> Response:
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    app.add_exception_handler(HTTPException, _http_problem)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The answer could not be computed.")


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, detail, path = HTTPStatus(error.status_code), str(error.detail), request.url.path
    if detail == status.phrase == HTTPStatus.NOT_FOUND.phrase:  # which says nothing of what to do
        detail = f"There is nothing at {path}. See /openapi.json for what there is."
    elif detail == status.phrase == HTTPStatus.METHOD_NOT_ALLOWED.phrase:
        detail = f"{request.method} does not work on {path}; expected {(error.headers or {}).get('Allow')}."
    return _problem(status, detail, error.headers)


async def _read_json(request: Request) -> object:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # also keeps other sites' forms out: they cannot send this type unasked
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type is {kind or 'missing'}; expected application/json."
        )
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None


def _too_large(limit: int = MAX_BODY_BYTES) -> Problem:
    detail = f"The body is larger than {limit // 1024 // 1024} MiB. Send it in parts."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return Response(
        orjson.dumps(body), status, media_type="application/problem+json", headers=dict(headers) if headers else None
    )


class Guard:
    """Security headers on everything, a nonce on the page's own scripts, unused doors shut.

    Gradio's page has inline scripts and evaluates its own component templates, hence the nonce and
    'unsafe-eval'; inline event handlers stay forbidden, so markup that slipped into a document could
    not run even if it were ever shown unescaped. Styles come inline from the page's framework.

    Once `stopping` is set, the lines that pages keep open end at once, and what has to be cut off ends without a
    traceback.
    """

    def __init__(self, app: App, stopping: asyncio.Event) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_UPLOAD_BYTES if scope["path"] == "/v1/documents" else MAX_BODY_BYTES
        if _declared_length(scope) > limit:
            problem = _too_large(limit)
            await _problem(problem.status, problem.detail)(scope, receive, _Headed(send).send)
        elif scope["path"].startswith(CLOSED):
            await _problem(HTTPStatus.NOT_FOUND, f"There is nothing at {scope['path']}.")(
                scope, receive, _Headed(send).send
            )
        else:
            if scope["path"].startswith(HEARTBEAT):
                receive = _until(self._stopping, receive)
            headed = _Headed(send)
            try:
                await self._app(scope, receive, headed.send)
            except asyncio.CancelledError:
                if not self._stopping.is_set():
                    raise
                if not headed.started:
                    problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The server was stopped before it could answer.")
                    await _problem(problem.status, problem.detail)(scope, receive, headed.send)


def _until(stopping: asyncio.Event, receive: Receive) -> Receive:
    """`receive`, which hears of the end of the connection as soon as the server is stopping."""

    async def listen() -> Message:
        heard, stopped = asyncio.ensure_future(receive()), asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({heard, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else {"type": "http.disconnect"}
        finally:
            heard.cancel()
            stopped.cancel()

    return listen


class _Headed:
    """Sends one response on, with the headers added and, in HTML, the nonce on every script."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._html = False
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = [(name.lower(), value) for name, value in message["headers"]]
            self._html = any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
            if self._html:  # the nonces change the length
                headers = [pair for pair in headers if pair[0] != b"content-length"]
            message = {**message, "headers": [*headers, *self._security_headers()]}
        elif self._html and message["type"] == "http.response.body":
            # Gradio sends its page whole, so no "<script" is cut in two between messages.
            body = message.get("body", b"").replace(b"<script", f'<script nonce="{self._nonce}"'.encode())
            message = {**message, "body": body}
        await self._send(message)

    def _security_headers(self) -> list[tuple[bytes, bytes]]:
        policy = "; ".join(
            [
                "default-src 'self'",
                f"script-src 'self' 'nonce-{self._nonce}' 'unsafe-eval'" if self._html else "script-src 'self'",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                "connect-src 'self'",
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                "frame-ancestors 'self'",
            ]
        )
        return [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]


def _declared_length(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length" and value.isdigit()]
    return int(lengths[0]) if lengths else 0
