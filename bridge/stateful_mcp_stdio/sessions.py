"""The sessions of the server, by `Mcp-Session-Id`."""

import asyncio
import re
import uuid
from dataclasses import dataclass
from typing import Any

from . import json_rpc
from .log import Log
from .session import ENDED, Command, Session
from .settings import MAX_SESSIONS, Settings
from .streams import Stream

# The ids that AgentCore can give back to a client: the `SessionId` shape in the service model of InvokeAgentRuntime.
ADOPTABLE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}")


@dataclass(frozen=True)
class Refusal:
    status: int
    error: dict[str, Any]


class Sessions:
    def __init__(self, command: Command, settings: Settings, log: Log) -> None:
        self._command = command
        self._settings = settings
        self._log = log
        self._sessions: dict[str, Session] = {}
        # Ids whose `initialize` is being handled.
        self._opening: dict[str, Session] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        return len(self._sessions)

    @property
    def open_calls(self) -> int:
        return sum(session.open_calls for session in [*self._sessions.values(), *self._opening.values()])

    def get(self, identifier: str | None) -> "Session | None":
        return None if identifier is None else self._sessions.get(identifier)

    async def initialize(self, body: dict[str, Any], offered: str | None) -> tuple[Session, Stream] | Refusal:
        """Starts a session. An id that came with the request is the platform's, which routes by it: it is adopted."""
        adopted = offered is not None and ADOPTABLE.fullmatch(offered) is not None
        identifier = offered if adopted and offered is not None else str(uuid.uuid4())
        if identifier in self._opening:
            return _refusal(409, json_rpc.SERVER_ERROR, "Conflict: this session is being initialized", body)
        # Processes of sessions that ended a moment ago may still be on their way out.
        if len(self._sessions) + len(self._opening) + len(self._closing) >= MAX_SESSIONS:
            text = f"Service Unavailable: {MAX_SESSIONS} sessions are open already; try again later"
            return _refusal(503, json_rpc.SERVER_ERROR, text, body)
        session = Session(identifier, self._command, self._settings, self._log, self._initialized, self._closed)
        self._opening[identifier] = session
        try:
            await session.start()
        except OSError as error:
            del self._opening[identifier]
            self._log.write("error", "child-not-started", sessionId=identifier, message=str(error))
            text = f"the server process of this session could not be started: {error}"
            # Not a 5xx: AgentCore replaces the body of those, and the client would not learn why.
            return _refusal(200, json_rpc.SERVER_ERROR, text, body, {"code": ENDED})
        stream = session.receive([body])
        assert stream is not None
        return session, stream

    async def close(self) -> None:
        sessions = [*self._sessions.values(), *self._opening.values()]
        ends = {session.close("server-stopped") for session in sessions} | self._closing
        if ends:
            await asyncio.wait(ends)

    def _initialized(self, session: Session) -> None:
        self._opening.pop(session.identifier, None)
        self._sessions[session.identifier] = session
        self._log.write("info", "session-started", sessionId=session.identifier, sessions=self.count)

    def _closed(self, session: Session, reason: str) -> None:
        task = session.close(reason)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._opening.pop(session.identifier, None)
        if self._sessions.pop(session.identifier, None) is not None:
            self._log.write("info", "session-stopped", sessionId=session.identifier, reason=reason, sessions=self.count)


def _refusal(status: int, code: int, text: str, body: Any, data: dict[str, Any] | None = None) -> Refusal:
    return Refusal(status, json_rpc.error(code, text, json_rpc.request_id(body), data))
