"""One session of a stdio server: a process of its own, and the way between it and the client's streams."""

import asyncio
import json
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import json_rpc
from .child import Child
from .log import Log
from .settings import Settings
from .streams import EventStore, Stream

# What belongs to a call when it is being served: everything else goes to whoever listens to the session.
NOTIFICATIONS_OF_CALLS = {
    "notifications/progress",
    "notifications/message",
    "notifications/elicitation/complete",
}

ENDED = "ERR_STDIO_SERVER_ENDED"


@dataclass(frozen=True)
class Call:
    identifier: Any
    token: Any
    stream: Stream


@dataclass(frozen=True)
class Command:
    program: Sequence[str]
    environment: Mapping[str, str]


class Session:
    """A stdio server does not say which call a question belongs to.

    With one call open it is that one, with several the newest of them: the client hears it on any of their streams.
    Progress goes to the call that its token belongs to.
    """

    def __init__(
        self,
        identifier: str,
        command: Command,
        settings: Settings,
        log: Log,
        on_initialized: "Callable[[Session], None]",
        on_closed: "Callable[[Session, str], None]",
    ) -> None:
        self.identifier = identifier
        self.events = EventStore()
        self.listening = Stream()
        self._command = command
        self._settings = settings
        self._log = log
        self._on_initialized = on_initialized
        self._on_closed = on_closed
        self._calls: dict[str, Call] = {}
        self._initialize: str | None = None
        self._open_streams = 0
        self._child: Child | None = None
        self._end: str | None = None
        self._closing: asyncio.Task[None] | None = None
        self._used = time.monotonic()
        self._timers: list[asyncio.TimerHandle] = []

    @property
    def open_calls(self) -> int:
        return len(self._calls)

    async def start(self) -> None:
        """Raises OSError where the process cannot be started."""
        self._child = await Child.start(self._command.program, self._command.environment, self)
        self._note("info", "child-started")
        loop = asyncio.get_running_loop()
        self._timers = [
            loop.call_later(self._settings.max_lifetime, self.close, "max-lifetime"),
            loop.call_later(self._settings.idle_timeout, self._when_idle),
        ]

    def is_open(self, identifier: Any) -> bool:
        """Whether a call of this id is being worked on."""
        return json_rpc.key_of(identifier) in self._calls

    def receive(self, messages: list[dict[str, Any]]) -> "Stream | None":
        """Hands on what a client has sent. The calls in it share a stream."""
        self._used = time.monotonic()
        requests = [message for message in messages if json_rpc.is_request(message)]
        stream = Stream({json_rpc.key_of(request["id"]) for request in requests}) if requests else None
        for message in messages:
            if stream is not None and json_rpc.is_request(message):
                self._call(message, stream)
            elif message.get("method") == "notifications/cancelled":
                self._cancelled(json_rpc.params_of(message).get("requestId"))
            if self._child is not None:
                self._child.send(json_rpc.encode(message))
        return stream

    def stream_opened(self) -> None:
        self._open_streams += 1

    def stream_closed(self) -> None:
        """An open stream keeps the session from being idle."""
        self._open_streams -= 1
        self._used = time.monotonic()

    def close(self, reason: str) -> asyncio.Task[None]:
        """Ends the session with its process. Whoever waits for an answer is told that it will not come."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(reason))
        return self._closing

    # What the process says

    def output(self, line: bytes) -> None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            if line.strip():
                self._note("error", "child-output-invalid", length=len(line))
            return
        # Revision 2025-03-26 has batches.
        for said in value if isinstance(value, list) else [value]:
            message = json_rpc.without_null(said)
            is_as_said = said is value and message == said and b"\r" not in line and not line.startswith(BOM_UTF8)
            self._said(said, message, line if is_as_said else json_rpc.encode(message), len(line))

    def _said(self, said: Any, message: Any, data: bytes, length: int) -> None:
        if not json_rpc.is_good(message) or json_rpc.lacks_id(said):
            self._note("error", "child-output-invalid", length=length)
            self._unreadable(message)
        elif json_rpc.is_answer(message):
            self._answer(message, data)
        else:
            self._send(self._stream_for(message), data)

    def _unreadable(self, message: Any) -> None:
        """Whoever waits is told: the client of an answer, the process of a question."""
        identifier = json_rpc.request_id(message)
        if identifier is None:
            return
        if "method" not in message:
            text = "answered with what is neither a result nor an error of JSON-RPC 2.0"
            answer = json_rpc.error(
                json_rpc.INTERNAL_ERROR, f"the server process of this session {text}", identifier
            )
            self._answer(answer, json_rpc.encode(answer))
        elif self._child is not None:
            text = "this is no request of JSON-RPC 2.0"
            self._child.send(json_rpc.encode(json_rpc.error(json_rpc.INVALID_REQUEST, text, identifier)))

    def too_long(self, max_bytes: int) -> None:
        self._note("error", "child-output-too-long", maxBytes=max_bytes)

    def error_output(self, line: str) -> None:
        self._note("info", "child-output", line=line)

    def ended(self, how: str) -> None:
        self._end = how
        self._note("info", "child-stopped", reason=how)
        self.close("server-ended")

    def _call(self, request: dict[str, Any], stream: Stream) -> None:
        key = json_rpc.key_of(request["id"])
        self._calls[key] = Call(request["id"], json_rpc.progress_token(request), stream)
        if json_rpc.is_initialize(request):
            self._initialize = key

    def _answer(self, message: dict[str, Any], data: bytes) -> None:
        key = self._answered_key(message.get("id"))
        call = self._calls.pop(key, None)
        # The answer to a call that the client has cancelled is of no use to anybody.
        if call is None:
            return
        if message.get("id") != call.identifier:
            data = json_rpc.encode({**message, "id": call.identifier})
        self._used = time.monotonic()
        self._send(call.stream, data)
        self._done(key, call)
        if key == self._initialize:
            self._initialize = None
            if "result" in message:
                self._on_initialized(self)
            else:
                self.close("not-initialized")

    def _answered_key(self, identifier: Any) -> str:
        """Some servers answer with the text of a number, and without an id where they could not read the request."""
        key = json_rpc.key_of(identifier)
        if key in self._calls:
            return key
        if identifier is None:
            return next(iter(self._calls)) if len(self._calls) == 1 else key
        return next((known for known, call in self._calls.items() if str(call.identifier) == str(identifier)), key)

    def _cancelled(self, identifier: Any) -> None:
        key = json_rpc.key_of(identifier)
        call = self._calls.pop(key, None)
        if call is not None:
            self._done(key, call)

    def _done(self, key: str, call: Call) -> None:
        call.stream.calls.discard(key)
        if not call.stream.calls:
            call.stream.end()

    def _stream_for(self, message: dict[str, Any]) -> Stream:
        method = message["method"]
        calls = list(self._calls.values())
        if not calls or not (json_rpc.is_request(message) or method in NOTIFICATIONS_OF_CALLS):
            return self.listening
        token = json_rpc.params_of(message).get("progressToken") if method == "notifications/progress" else None
        owners = [call for call in calls if token is not None and call.token == token]
        return (owners or calls[-1:])[0].stream

    def _send(self, stream: Stream, data: bytes) -> None:
        if not self.events.add(stream, data):
            self._note("error", "client-does-not-read")
            self.close("client-does-not-read")

    def _when_idle(self) -> None:
        busy = bool(self._calls) or self._open_streams > 0
        left = self._settings.idle_timeout - (time.monotonic() - self._used)
        if not busy and left <= 0:
            self.close("idle-timeout")
            return
        again = self._settings.idle_timeout if busy else left
        self._timers[1] = asyncio.get_running_loop().call_later(again, self._when_idle)

    async def _close(self, reason: str) -> None:
        for timer in self._timers:
            timer.cancel()
        # At once for everybody else: the process may take its time.
        self._on_closed(self, reason)
        told = self._end or "is being ended"
        for call in self._calls.values():
            text = f"the server process of this session {told}: start a new session"
            refusal = json_rpc.error(json_rpc.SERVER_ERROR, text, call.identifier, {"code": ENDED})
            self.events.add(call.stream, json_rpc.encode(refusal))
            call.stream.end()
        self._calls.clear()
        self.listening.end()
        if self._child is not None and self._end is None:
            await self._child.end()

    def _note(self, level: str, event: str, **details: Any) -> None:
        pid = None if self._child is None else self._child.pid
        self._log.write(level, event, sessionId=self.identifier, childPid=pid, **details)
