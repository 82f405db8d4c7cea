"""Listens, and ends in order."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import uvicorn

from .http_face import PATH, HttpFace
from .log import Log, level_of
from .session import Command
from .sessions import Sessions
from .settings import DRAIN_SECONDS, settings_of

LOOPBACK = ("localhost", "127.0.0.1", "::1")

# A load balancer in front keeps connections for a minute; one that it is about to use must not be closed under it.
KEEP_ALIVE_SECONDS = 75


def serve(script: str, arguments: Sequence[str], root: str) -> None:
    """Serves a script of an installed package until SIGTERM or SIGINT.

    `script` is the path of the script below `root`, the folder that packages are installed in.
    """
    try:
        settings, level = settings_of(os.environ), level_of(os.environ)
    except ValueError as error:
        sys.exit(str(error))
    command = Command([sys.executable, os.path.join(root, script), *arguments], _environment(root))
    log = Log(level)
    logging.getLogger("uvicorn.error").addHandler(_Forward(log))
    sessions = Sessions(command, settings, log)
    face = HttpFace(sessions, log, settings.host in LOOPBACK)
    config = uvicorn.Config(
        face,
        host=settings.host,
        port=settings.port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, face, sessions, log)
    server.run()
    log.write("info", "stopped", pid=os.getpid())


def _environment(root: str) -> dict[str, str]:
    """Packages and their programs are found by their names, as in an environment that is activated."""
    above = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([root, above] if above else [root]),
        "PATH": os.pathsep.join([os.path.join(root, "bin"), os.environ.get("PATH") or os.defpath]),
    }


class _Server(uvicorn.Server):
    """Refuses new calls at a signal, lets open ones finish, and ends all processes before it ends itself."""

    def __init__(self, config: uvicorn.Config, face: HttpFace, sessions: Sessions, log: Log) -> None:
        super().__init__(config)
        self._face = face
        self._sessions = sessions
        self._log = log
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def serve(self, *args: Any, **named: Any) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(*args, **named)

    async def startup(self, *args: Any, **named: Any) -> None:
        await super().startup(*args, **named)
        for listener in self.servers[:1]:
            host, port = listener.sockets[0].getsockname()[:2]
            name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
            self._log.write(
                "info", "listening", host=host, port=port, url=f"http://{name}:{port}{PATH}", pid=os.getpid()
            )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is None or self._face.draining:
            return
        self._face.draining = True
        self._loop.call_soon_threadsafe(self._stop, signal.Signals(sig).name)

    def _stop(self, name: str) -> None:
        self._log.write(
            "info",
            "stopping",
            signal=name,
            openCalls=self._sessions.open_calls,
            sessions=self._sessions.count,
            pid=os.getpid(),
        )
        self._stopping = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        # The port stays open meanwhile: the answers that open calls wait for come in through it.
        last = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while self._sessions.open_calls and asyncio.get_running_loop().time() < last:
            await asyncio.sleep(0.05)
        await self._sessions.close()
        self.should_exit = True


class _Forward(logging.Handler):
    """What uvicorn has to say, but for what it says in the usual course of things."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.write("error", "http", message=record.getMessage())
