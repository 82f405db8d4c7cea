"""A process that speaks by lines on its standard streams."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

# How long a process has to end after each of the two friendly ways to ask for it: the end of its standard input, and
# SIGTERM.
END_STEP_SECONDS = 2

# The longest message: a result of several images fits; a line without an end must not fill this process.
MAX_LINE_BYTES = 64 * 1024 * 1024
MAX_LOG_LINE_BYTES = 64 * 1024

# What a process may leave unread of its standard input before it is taken for stuck.
MAX_UNREAD_BYTES = 64 * 1024 * 1024


class ChildEvents(Protocol):
    def output(self, line: bytes) -> None: ...

    def too_long(self, max_bytes: int) -> None: ...

    def error_output(self, line: str) -> None: ...

    def ended(self, how: str) -> None: ...


class Child:
    """With what it started itself it makes a process group, and ends as one."""

    def __init__(self, process: asyncio.subprocess.Process, events: ChildEvents) -> None:
        self._process = process
        self._events = events
        self._running = True
        self._ended = asyncio.create_task(self._run())

    @classmethod
    async def start(cls, command: Sequence[str], environment: Mapping[str, str], events: ChildEvents) -> "Child":
        """Raises OSError where the process cannot be started."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(environment), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
        return cls(process, events)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, line: bytes) -> None:
        stdin = self._process.stdin
        if not self._running or stdin is None or stdin.is_closing():
            return
        stdin.write(line + b"\n")
        if stdin.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self.kill(signal.SIGKILL)

    async def end(self) -> None:
        """Asks the process to end, by and by less friendly. Returns when it has."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        for step in (signal.SIGTERM, signal.SIGKILL):
            if await self._ends_within(END_STEP_SECONDS):
                return
            self.kill(step)
        await asyncio.shield(self._ended)

    def kill(self, number: signal.Signals) -> None:
        """Sends a signal to the whole group."""
        try:
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            # There is nobody left in the group.
            pass

    async def _ends_within(self, seconds: float) -> bool:
        done, _ = await asyncio.wait({self._ended}, timeout=seconds)
        return bool(done)

    async def _run(self) -> None:
        process = self._process
        readers = asyncio.gather(
            self._read_output(process.stdout),
            _read_lines(process.stderr, MAX_LOG_LINE_BYTES, self._log_line, self._log_too_long),
        )
        code = await process.wait()
        # Others of its group would keep its streams, and with them the session, open.
        self.kill(signal.SIGKILL)
        # What a process wrote before its end comes before it.
        await readers
        self._running = False
        self._events.ended(_how(code))

    async def _read_output(self, reader: asyncio.StreamReader | None) -> None:
        await _read_lines(reader, MAX_LINE_BYTES, self._events.output, self._too_long)
        # Whatever the process still does, nobody would hear of it.
        self._ending = asyncio.create_task(self.end())

    def _too_long(self) -> None:
        self._events.too_long(MAX_LINE_BYTES)
        # The answer in it is lost, and whoever waits for it is told by the end of the process.
        self.kill(signal.SIGKILL)

    def _log_line(self, line: bytes) -> None:
        self._events.error_output(line.decode(errors="replace"))

    def _log_too_long(self) -> None:
        self._events.error_output("(a line too long)")


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


async def _read_lines(
    reader: asyncio.StreamReader | None,
    max_bytes: int,
    on_line: Callable[[bytes], None],
    on_too_long: Callable[[], None],
) -> None:
    """A line ends at a line feed alone. One over the bound is not kept: it is told once, and skipped to its end."""
    assert reader is not None
    pieces: list[bytes] = []
    length = 0

    def keep(piece: bytes) -> None:
        nonlocal length
        was_whole = length <= max_bytes
        length += len(piece)
        if length <= max_bytes:
            pieces.append(piece)
        elif was_whole:
            pieces.clear()
            on_too_long()

    def end() -> None:
        nonlocal length
        line, is_whole = b"".join(pieces), length <= max_bytes
        pieces.clear()
        length = 0
        if is_whole:
            on_line(line[:-1] if line.endswith(b"\r") else line)

    while chunk := await reader.read(65_536):
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            keep(piece)
            end()
        if rest:
            keep(rest)
    if length > 0:
        end()
