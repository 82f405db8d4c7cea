"""A client that does not read what it has asked for. Whoever writes for it waits, and not for ever."""

import asyncio
import logging

from .asgi import Message, Send

# As `send_timeout` of nginx.
MAX_SILENCE_SECONDS = 60.0

# What is sent at once, so that a client that reads one large message slowly is seen to read.
PIECE_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


class ClientDoesNotRead(OSError):
    """The connection is of no use any more; to the application it has broken."""


def for_reader(send: Send) -> Send:
    """Sends as fast as the client reads, and fails when it reads nothing for a minute."""

    async def within_time(event: Message) -> None:
        try:
            async with asyncio.timeout(MAX_SILENCE_SECONDS):
                await send(event)
        except TimeoutError:
            problem = f"the client read nothing for {MAX_SILENCE_SECONDS:g} s: its connection was ended"
            logger.warning(problem)
            raise ClientDoesNotRead(problem) from None

    async def in_pieces(event: Message) -> None:
        body: bytes = event.get("body", b"")
        while len(body) > PIECE_BYTES:
            await within_time({**event, "body": body[:PIECE_BYTES], "more_body": True})
            body = body[PIECE_BYTES:]
        await within_time({**event, "body": body} if "body" in event else event)

    return in_pieces
