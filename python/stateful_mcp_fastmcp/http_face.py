"""What AgentCore Runtime sends and FastMCP does not answer as it expects. An ASGI application around FastMCP's."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from .asgi import Application, Message, Receive, Scope, Send
from .settings import HEALTH_PATH, MAX_BODY_BYTES, WARM_UP_PATH
from .slow_reader import for_reader

# What is wrong with the server, in words.
Problem = Callable[[Receive], Awaitable[str | None]]

SESSION_HEADER = b"mcp-session-id"


class HttpFace:
    """Health probes, the warm-up hook, session ids that the platform supplies, and the end of the process."""

    def __init__(self, application: Application, path: str, warm_up: Problem | None = None) -> None:
        self._application = application
        self._path = path
        self._warm_up = warm_up
        self._used = False
        # Ids of the platform, with those that FastMCP has for the same sessions; and all that FastMCP has given out.
        self._own_ids: dict[bytes, bytes] = {}
        self._given: set[bytes] = set()
        self.open_calls = 0
        self.draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
        elif scope["path"] == HEALTH_PATH and scope["method"] in ("GET", "HEAD"):
            await _answer(send, 200, {"status": "HealthyBusy" if self.open_calls else "Healthy"})
        elif scope["path"] == WARM_UP_PATH and self._warm_up is not None:
            await self._answer_hook(self._warm_up, scope, receive, send)
        elif scope["path"] == self._path:
            await self._endpoint(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    async def _answer_hook(self, warm_up: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        """The hook comes before any session; afterwards a caller that reaches the path has no use for it."""
        if scope["method"] != "POST":
            await _answer(send, 405, _error({}, f"Method Not Allowed: {scope['method']}"), [(b"allow", b"POST")])
        elif any(name == b"origin" for name, _ in scope["headers"]):
            await _answer(send, 403, _error({}, "Forbidden: no web page sends the warm-up hook"))
        elif self._used:
            await _answer(send, 409, _error({}, "Conflict: the server is in use, and is warmed up before that"))
        else:
            problem = await warm_up(receive)
            await (_answer(send, 200, {"status": "WarmedUp"}) if problem is None else _answer(send, 500, problem))

    async def _endpoint(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        offered = headers.get(SESSION_HEADER)
        body: bytes = b""
        message: Any = None
        if scope["method"] == "POST":
            body, receive = await _read(receive)
            message = _parsed(body)
        method = message.get("method") if isinstance(message, dict) else None
        if method == "ping" and offered is None:
            # The platform's own health probe: outside of any session.
            await _answer(send, 200, {"jsonrpc": "2.0", "id": message.get("id"), "result": {}})
            return
        self._used = True
        if self.draining and method is not None and "id" in message:
            await _answer(send, 503, _error(message, "Service Unavailable: the server is shutting down"))
            return
        adopted: bytes | None = None
        if offered is not None and method == "initialize" and offered not in self._given:
            # The platform names a session before it begins, and FastMCP answers 404 to a name that it has not given.
            adopted = offered
            scope = _with_session(scope, None)
        elif offered in self._own_ids:
            scope = _with_session(scope, self._own_ids[offered])
        await self._pass_on(scope, receive, send, adopted, offered, is_call=method is not None and "id" in message)

    async def _pass_on(
        self, scope: Scope, receive: Receive, send: Send, adopted: bytes | None, offered: bytes | None, is_call: bool
    ) -> None:
        async def renamed(event: Message) -> None:
            if event["type"] == "http.response.start":
                event = {**event, "headers": [self._named(*header, adopted, offered) for header in event["headers"]]}
            await send(event)

        self.open_calls += is_call
        try:
            await self._application(scope, receive, for_reader(renamed))
        finally:
            self.open_calls -= is_call

    def _named(self, name: bytes, value: bytes, adopted: bytes | None, offered: bytes | None) -> tuple[bytes, bytes]:
        if name.lower() != SESSION_HEADER:
            return name, value
        if adopted is not None:
            self._own_ids[adopted] = value
            return name, adopted
        if offered is not None and self._own_ids.get(offered) == value:
            return name, offered
        self._given.add(value)
        return name, value


def _with_session(scope: Scope, session_id: bytes | None) -> Scope:
    others = [(name, value) for name, value in scope["headers"] if name != SESSION_HEADER]
    return {**scope, "headers": others if session_id is None else [*others, (SESSION_HEADER, session_id)]}


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, as far as FastMCP takes it, and a way to read it again."""
    events: list[Message] = []
    body = b""
    more = True
    while more and len(body) <= MAX_BODY_BYTES:
        event = await receive()
        events.append(event)
        more = event["type"] == "http.request" and bool(event.get("more_body"))
        body += event.get("body", b"")

    async def again() -> Message:
        return events.pop(0) if events else await receive()

    return body, again


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # FastMCP says what is wrong with it.
        return None


def _error(message: Message, text: str) -> Message:
    return {"jsonrpc": "2.0", "id": message.get("id"), "error": {"code": -32000, "message": text}}


async def _answer(
    send: Send, status: int, body: Message | str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """With JSON, or with words."""
    kind = b"text/plain; charset=utf-8" if isinstance(body, str) else b"application/json"
    data = (f"{body}\n" if isinstance(body, str) else json.dumps(body)).encode()
    own = [(b"content-type", kind), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *(headers or [])]})
    await send({"type": "http.response.body", "body": data})
