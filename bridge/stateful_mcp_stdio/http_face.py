"""The endpoint: `/mcp` with the sessions behind it, and `/ping`. An ASGI application."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from . import json_rpc
from .log import Log
from .session import Session
from .sessions import Refusal, Sessions
from .settings import KEEP_ALIVE_SECONDS, MAX_BODY_BYTES
from .streams import Stream

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = "/mcp"
METHODS = "GET, POST, DELETE"
LOCAL_NAME = re.compile(r"(?:https?://)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")
STREAM_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}


class ClientGone(Exception):
    """Before it had sent its request."""


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, status: int, message: str, body: Any = None, code: int = json_rpc.SERVER_ERROR, allow: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = json_rpc.error(code, message, json_rpc.request_id(body))
        self.headers = {"allow": allow} if allow else {}


class Exchange:
    """One request with its response."""

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.receive = receive
        self.send = send
        self.status = 0
        self.body: Any = None
        self.session_id: str | None = None
        self._headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def header(self, name: str) -> str | None:
        return self._headers.get(name)

    async def start(self, status: int, headers: dict[str, str]) -> None:
        self.status = status
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})

    async def part(self, data: bytes, more: bool) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def answer(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        data = b"" if body is None else json_rpc.encode(body)
        kind = {} if body is None else {"content-type": "application/json"}
        await self.start(status, {**kind, "content-length": str(len(data)), **(headers or {})})
        await self.part(data, more=False)


class HttpFace:
    def __init__(self, sessions: Sessions, log: Log, on_loopback: bool) -> None:
        self._sessions = sessions
        self._log = log
        self._on_loopback = on_loopback
        self.draining = False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        began = time.monotonic()
        try:
            await self._answer(exchange)
        except ClientGone:
            return
        except Refused as refused:
            await exchange.answer(refused.status, refused.error, refused.headers)
        except Exception as error:
            self._log.write("error", "request-failed", message=repr(error))
            if exchange.status == 0:
                refusal = json_rpc.error(
                    json_rpc.INTERNAL_ERROR, "Internal server error", json_rpc.request_id(exchange.body)
                )
                await exchange.answer(500, refusal)
        self._note(exchange, time.monotonic() - began)

    async def _answer(self, exchange: Exchange) -> None:
        self._refuse_foreign(exchange)
        if exchange.path == "/ping":
            if exchange.method not in ("GET", "HEAD"):
                raise _method_not_allowed(exchange.method, "GET, HEAD")
            await exchange.answer(200, {"status": "HealthyBusy" if self._sessions.open_calls else "Healthy"})
            return
        if exchange.path.removesuffix("/") != PATH:
            raise Refused(404, f"Not Found: the MCP endpoint is {PATH}")
        if exchange.method == "OPTIONS":
            await exchange.answer(204, headers={"allow": METHODS})
            return
        handler = {"GET": self._get, "POST": self._post, "DELETE": self._delete}.get(exchange.method)
        if handler is None:
            raise _method_not_allowed(exchange.method, METHODS)
        await handler(exchange)

    def _refuse_foreign(self, exchange: Exchange) -> None:
        """The protocol's check against pages that reach a server behind the user's back."""
        host, origin = exchange.header("host"), exchange.header("origin")
        if self._on_loopback and LOCAL_NAME.fullmatch(host or "") is None:
            raise Refused(403, "Forbidden: `Host` is not a name of this machine")
        if origin is not None and not (self._on_loopback and LOCAL_NAME.fullmatch(origin)):
            raise Refused(403, f"Forbidden: pages of {origin[:200]} may not call this server")

    async def _post(self, exchange: Exchange) -> None:
        body = exchange.body = await _read_message(exchange)
        if self.draining and any(json_rpc.is_request(message) for message in _messages(body)):
            raise Refused(503, "Service Unavailable: the server is shutting down", body)
        if not _accepts(exchange, "application/json", "text/event-stream"):
            raise Refused(406, "Not Acceptable: Client must accept both application/json and text/event-stream", body)
        if json_rpc.is_modern(exchange.header("mcp-protocol-version"), body):
            # A client that tries the modern era first takes this as the sign to begin with `initialize`.
            text = "Bad Request: this server speaks protocol 2025-11-25 and before; start a session with `initialize`"
            raise Refused(400, text, body)
        session = self._sessions.get(exchange.header("mcp-session-id"))
        if session is not None:
            await self._receive(exchange, session, body)
            return
        if json_rpc.is_initialize(body) and json_rpc.is_request(body):
            await self._initialize(exchange, body)
            return
        self._refuse_without_session(exchange, body)
        await exchange.answer(200, {"jsonrpc": "2.0", "result": {}, "id": json_rpc.request_id(body)})

    async def _initialize(self, exchange: Exchange, body: dict[str, Any]) -> None:
        started = await self._sessions.initialize(body, exchange.header("mcp-session-id"))
        if isinstance(started, Refusal):
            await exchange.answer(started.status, started.error)
            return
        session, stream = started
        await self._stream(exchange, session, stream, 0)

    def _refuse_without_session(self, exchange: Exchange, body: Any) -> None:
        """Lets the platform's own health probe through: a `ping` outside of any session."""
        if any(json_rpc.is_initialize(message) for message in _messages(body)):
            wrong = "must not be part of a batch" if isinstance(body, list) else "needs an `id`, text or number"
            raise Refused(400, f"Invalid Request: `initialize` {wrong}", body, json_rpc.INVALID_REQUEST)
        if exchange.header("mcp-session-id") is not None:
            raise _session_not_found(body)
        if not (json_rpc.is_request(body) and body["method"] == "ping"):
            raise Refused(400, "Bad Request: `Mcp-Session-Id` is required; start a session with `initialize`", body)

    async def _receive(self, exchange: Exchange, session: Session, body: Any) -> None:
        messages = _messages(body)
        if any(json_rpc.is_initialize(message) for message in messages):
            text = "Invalid Request: this session is initialized already"
            raise Refused(400, text, body, json_rpc.INVALID_REQUEST)
        keys = [json_rpc.key_of(message["id"]) for message in messages if json_rpc.is_request(message)]
        repeated = [key for key in keys if session.is_open(json.loads(key)) or keys.count(key) > 1]
        if repeated:
            text = (
                f"Invalid Request: the id {repeated[0]} belongs to a request that this session is working on: "
                "use another one"
            )
            raise Refused(400, text, body, json_rpc.INVALID_REQUEST)
        stream = session.receive(messages)
        if stream is None:
            await exchange.answer(202)
            return
        await self._stream(exchange, session, stream, 0)

    async def _get(self, exchange: Exchange) -> None:
        session = self._session_of(exchange)
        if not _accepts(exchange, "text/event-stream"):
            raise Refused(406, "Not Acceptable: Client must accept text/event-stream")
        last = exchange.header("last-event-id")
        stream, after = session.listening, session.listening.sent
        if last is not None:
            after = int(last) if last.isascii() and last.isdecimal() else 0
            found = session.events.stream_of(after)
            if found is None:
                raise Refused(400, "Bad Request: `Last-Event-ID` names no event that is kept")
            stream = found
        if stream.is_read:
            raise Refused(409, "Conflict: this stream of the session is open already")
        await self._stream(exchange, session, stream, after)

    async def _delete(self, exchange: Exchange) -> None:
        self._session_of(exchange).close("deleted")
        await exchange.answer(200)

    def _session_of(self, exchange: Exchange) -> Session:
        identifier = exchange.header("mcp-session-id")
        if identifier is None:
            raise Refused(400, "Bad Request: `Mcp-Session-Id` is required")
        session = self._sessions.get(identifier)
        if session is None:
            raise _session_not_found(None)
        return session

    async def _stream(self, exchange: Exchange, session: Session, stream: Stream, after: int) -> None:
        exchange.session_id = session.identifier
        gone = asyncio.create_task(_disconnected(exchange.receive))
        session.stream_opened()
        try:
            await exchange.start(200, {**STREAM_HEADERS, "mcp-session-id": session.identifier})
            async for data in stream.read(after, gone, KEEP_ALIVE_SECONDS):
                await exchange.part(data, more=True)
            await exchange.part(b"", more=False)
        finally:
            session.stream_closed()
            gone.cancel()

    def _note(self, exchange: Exchange, seconds: float) -> None:
        """Names only: what a tool is called is no secret, what it is called with may be."""
        body = exchange.body if isinstance(exchange.body, dict) else {}
        method = body.get("method") if isinstance(body.get("method"), str) else None
        tool = json_rpc.params_of(body).get("name") if method == "tools/call" else None
        level = "error" if exchange.status >= 500 else "debug" if exchange.path == "/ping" else "info"
        self._log.write(
            level,
            "request",
            method=exchange.method,
            rpcMethod=method,
            tool=tool if isinstance(tool, str) else None,
            requestId=json_rpc.request_id(body),
            status=exchange.status,
            durationMs=round(seconds * 1000, 1),
            sessionId=exchange.header("mcp-session-id") or exchange.session_id,
            platformRequestId=exchange.header("x-amzn-bedrock-agentcore-runtime-request-id"),
        )


def _method_not_allowed(method: str, allow: str) -> Refused:
    return Refused(405, f"Method Not Allowed: {method}; allowed are {allow}", allow=allow)


def _session_not_found(body: Any) -> Refused:
    return Refused(404, "Session not found", body, json_rpc.SESSION_NOT_FOUND)


def _messages(body: Any) -> list[Any]:
    return body if isinstance(body, list) else [body]


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_message(exchange: Exchange) -> Any:
    kind = (exchange.header("content-type") or "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "Unsupported Media Type: Content-Type must be application/json")
    body = b""
    length, more = 0, True
    # What is too much is read all the same, so that its sender reads the answer.
    while more and length <= 4 * MAX_BODY_BYTES:
        event = await exchange.receive()
        if event["type"] == "http.disconnect":
            raise ClientGone
        data: bytes = event.get("body", b"")
        length, more = length + len(data), bool(event.get("more_body"))
        body = body + data if length <= MAX_BODY_BYTES else b""
    if length > MAX_BODY_BYTES:
        raise Refused(413, f"Payload Too Large: the request body must not exceed {MAX_BODY_BYTES} bytes")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        text = "Parse error: the request body is not valid JSON"
        raise Refused(400, text, code=json_rpc.PARSE_ERROR) from None
    for single in _messages(message) or [None]:
        _check(single, message)
    return message


def _check(single: Any, message: Any) -> None:
    good = json_rpc.is_request(single) or json_rpc.is_notification(single) or json_rpc.is_answer(single)
    if not good or single.get("jsonrpc") != "2.0":
        text = "Invalid Request: a JSON-RPC 2.0 request, notification or answer is wanted"
        raise Refused(400, text, message, json_rpc.INVALID_REQUEST)
    if single.get("id", "") is None:
        del single["id"]


def _accepts(exchange: Exchange, *types: str) -> bool:
    accept = exchange.header("accept")
    # "A request without any Accept header field implies that the user agent will accept any media type" (RFC 9110).
    if accept is None:
        return True
    ranges = [_range(text) for text in accept.split(",")]
    return all(_quality(kind, ranges) > 0 for kind in types)


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if found := re.fullmatch(r"q\s*=\s*([\d.]+)", parameter):
            try:
                return kind, float(found[1])
            except ValueError:
                return kind, 0
    return kind, 1


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    """The most specific range decides."""
    for wanted in (kind, f"{kind.split('/')[0]}/*", "*/*"):
        fitting = [quality for name, quality in ranges if name == wanted]
        if fitting:
            return max(fitting)
    return 0
