"""Listens, and ends in order."""

import asyncio
import inspect
import sys
from types import FrameType
from typing import Any

import uvicorn
from fastmcp import FastMCP
from sse_starlette.sse import AppStatus

from .http_face import HttpFace
from .settings import DRAIN_SECONDS, KEEP_ALIVE_SECONDS, LOOPBACK, settings_of
from .warm_up import SelfTest, WarmUp


def serve(server: FastMCP, *, self_test: SelfTest | None = None) -> None:
    """Serves at `0.0.0.0:8000/mcp`, where AgentCore Runtime expects an MCP server, until SIGTERM or SIGINT.

    `HOST`, `PORT` and `STATEFUL_MCP_PATH` of the environment say another place, `STATEFUL_MCP_IDLE_TIMEOUT_SECONDS`
    (default 900) when a session without a request ends. After the signal, open calls have 10 s to finish.

    `self_test` runs in the warm-up of a new version (`POST /warmup`), after the conversation that the server holds with
    itself; what it raises fails the version, with its message. On platform version V2 it runs before the snapshot that
    sessions start from: what it leaves in memory (a connection, a credential, a random value) is in all of them.

    Raises TypeError for a `self_test` that is not an async function.
    """
    if self_test is not None and not inspect.iscoroutinefunction(self_test):
        raise TypeError(f"`self_test` must be an async function, got {self_test!r}: write it with `async def`")
    try:
        settings = settings_of()
    except ValueError as error:
        sys.exit(str(error))
    on_loopback = settings.host in LOOPBACK
    application = server.http_app(
        path=settings.path,
        session_idle_timeout=settings.idle_timeout_seconds,
        # Elsewhere the platform authenticates whoever calls, under a host name that it chooses.
        host_origin_protection=on_loopback,
        allowed_hosts=list(LOOPBACK) if on_loopback else None,
    )
    face = HttpFace(application, settings.path, WarmUp(server, settings.path, self_test).problem)
    config = uvicorn.Config(
        face,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )
    # Otherwise every stream would end with the signal, that of a call whose user is thinking, too.
    AppStatus.disable_automatic_graceful_drain()
    _Server(config, face).run()


class _Server(uvicorn.Server):
    """Refuses new calls at a signal, and lets open ones finish.

    The port stays open meanwhile: the answers that open calls wait for come in through it.
    """

    def __init__(self, config: uvicorn.Config, face: HttpFace) -> None:
        super().__init__(config)
        self._face = face
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Task[None] | None = None

    async def serve(self, *args: Any, **named: Any) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(*args, **named)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is not None and not self._face.draining:
            self._face.draining = True
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._ending = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        last = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while self._face.open_calls and asyncio.get_running_loop().time() < last:
            await asyncio.sleep(0.05)
        AppStatus.should_exit = True
        self.should_exit = True
