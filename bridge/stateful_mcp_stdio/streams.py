"""Streams of server-sent events, whose client may come back after its connection broke (`Last-Event-ID`)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

# What one session keeps of what its client has been sent.
MAX_KEPT_BYTES = 4 * 1024 * 1024

# What one session keeps for a client that does not read.
MAX_UNREAD_BYTES = 64 * 1024 * 1024

KEEP_ALIVE = b": keepalive\n\n"


@dataclass(frozen=True)
class Event:
    number: int
    data: bytes
    stream: "Stream"

    @property
    def encoded(self) -> bytes:
        return b"event: message\nid: %d\ndata: %s\n\n" % (self.number, self.data)


@dataclass(eq=False)
class Stream:
    """What goes to the client in one response, or in several when connections break."""

    # The keys of the calls that it waits for. A stream of none is that of a GET, and ends with its session.
    calls: set[str] = field(default_factory=set)
    events: deque[Event] = field(default_factory=deque)
    sent: int = 0
    ended: bool = False
    is_read: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        self.ended = True
        self.changed.set()

    async def read(self, after: int, gone: asyncio.Task[None], silence: float) -> AsyncIterator[bytes]:
        """What comes after an event, and a comment after each silence, until the client has gone."""
        self.is_read = True
        try:
            while not gone.done():
                self.changed.clear()
                ended = self.ended
                for event in [event for event in self.events if event.number > after]:
                    yield event.encoded
                    after = self.sent = event.number
                    if gone.done():
                        return
                if ended:
                    return
                if not self.changed.is_set() and not await self._changes(gone, silence):
                    yield KEEP_ALIVE
        finally:
            self.is_read = False

    async def _changes(self, gone: asyncio.Task[None], seconds: float) -> bool:
        change = asyncio.create_task(self.changed.wait())
        done, _ = await asyncio.wait({change, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        change.cancel()
        return bool(done)


class EventStore:
    """The events of one session, by number over all of its streams. Bounded by bytes; the oldest go first."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._last = 0

    def add(self, stream: Stream, data: bytes) -> bool:
        """False when the client has left too much unread."""
        self._last += 1
        event = Event(self._last, data, stream)
        self._events.append(event)
        stream.events.append(event)
        self._bytes += _size(event)
        stream.changed.set()
        while self._bytes > MAX_KEPT_BYTES and self._events and self._events[0].number <= self._events[0].stream.sent:
            oldest = self._events.popleft()
            oldest.stream.events.popleft()
            self._bytes -= _size(oldest)
        return self._bytes <= MAX_UNREAD_BYTES

    def stream_of(self, number: int) -> "Stream | None":
        """Undefined for an event that is not kept: a client that missed something is told so."""
        return next((event.stream for event in self._events if event.number == number), None)


def _size(event: Event) -> int:
    return len(event.data) + 100
