"""A client that speaks MCP to an application in its own process, without a port."""

import asyncio
import json
from typing import Any

from .http_face import SESSION_HEADER, Application, Message

LEGACY = "2025-11-25"
MODERN = "2026-07-28"

# Nothing is declared, so that no question can come.
CLIENT = {"name": "warm-up", "version": "1.0.0"}
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}


class OwnConversation:
    """Raises RuntimeError for a request that has no result, with what was answered instead."""

    def __init__(self, application: Application, path: str) -> None:
        self._application = application
        self._path = path
        self._session: dict[bytes, bytes] = {}
        self._last_id = 0

    async def initialize(self) -> dict[str, Any]:
        """Opens a session of the legacy era, and gives the capabilities of the server."""
        headers, result = await self._send(
            "initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}, {}
        )
        version = str(result.get("protocolVersion", LEGACY))
        self._session = {b"mcp-protocol-version": version.encode()}
        if SESSION_HEADER in headers:
            self._session[SESSION_HEADER] = headers[SESSION_HEADER]
        await self._post({"method": "notifications/initialized"}, self._session)
        return result.get("capabilities") or {}

    async def request(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request in that session."""
        return (await self._send(method, params or {}, self._session))[1]

    async def modern_request(self, method: str) -> dict[str, Any]:
        """One request of the modern era."""
        headers = {b"mcp-protocol-version": MODERN.encode(), b"mcp-method": method.encode()}
        return (await self._send(method, {"_meta": ENVELOPE}, headers))[1]

    async def _send(
        self, method: str, params: dict[str, Any], headers: dict[bytes, bytes]
    ) -> tuple[dict[bytes, bytes], dict[str, Any]]:
        self._last_id += 1
        status, received, body = await self._post({"id": self._last_id, "method": method, "params": params}, headers)
        answers = [one for one in _messages(body, received) if isinstance(one, dict) and one.get("id") == self._last_id]
        answer = answers[0] if answers else {}
        if isinstance(answer.get("result"), dict):
            return received, answer["result"]
        error = answer.get("error") or {"message": "without a result"}
        code = f" ({error['code']})" if "code" in error else ""
        raise RuntimeError(f"`{method}` was answered with status {status}: {error['message']}{code}")

    async def _post(
        self, message: Message, headers: dict[bytes, bytes]
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        request = [{"type": "http.request", "body": json.dumps({"jsonrpc": "2.0", **message}).encode()}]
        events: list[Message] = []

        async def receive() -> Message:
            # Afterwards this client stays, and waits for its answer.
            return request.pop() if request else await asyncio.get_running_loop().create_future()

        async def send(event: Message) -> None:
            events.append(event)

        await self._application(self._scope(headers), receive, send)
        [start] = [event for event in events if event["type"] == "http.response.start"] or [{}]
        body = b"".join(event.get("body", b"") for event in events)
        received = {name.lower(): value for name, value in start.get("headers", [])}
        return start.get("status", 0), received, body

    def _scope(self, headers: dict[bytes, bytes]) -> dict[str, Any]:
        own = {
            b"host": b"127.0.0.1",
            b"content-type": b"application/json",
            b"accept": b"application/json, text/event-stream",
        }
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [*(own | headers).items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
        }


def _messages(body: bytes, headers: dict[bytes, bytes]) -> list[Any]:
    """The JSON-RPC messages of a body, be it JSON or an event stream."""
    text = body.decode()
    texts = [text]
    if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
        texts = [line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:")]
    try:
        return [json.loads(one) for one in texts if one.strip()]
    except ValueError:
        # Not of MCP, such as the page of an error: the status says what it is.
        return []
