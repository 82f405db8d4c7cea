"""Clients that read slowly, or not at all."""

import asyncio
import unittest
from unittest import mock

from stateful_mcp_fastmcp import slow_reader
from stateful_mcp_fastmcp.asgi import Message
from stateful_mcp_fastmcp.http_face import HttpFace
from stateful_mcp_fastmcp.slow_reader import PIECE_BYTES, ClientDoesNotRead

HEAD: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}


async def sent_by(body: bytes, seconds: list[float]) -> list[Message]:
    """What a server sends to a client that takes so long for each event."""
    sent: list[Message] = []

    async def application(_scope: object, _receive: object, send: slow_reader.Send) -> None:
        await send(HEAD)
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def send(event: Message) -> None:
        await asyncio.sleep(seconds.pop(0))
        sent.append(event)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    face = HttpFace(application, "/mcp")
    scope = {"type": "http", "path": "/mcp", "method": "GET", "headers": []}
    await face(scope, receive, send)
    return sent


class SlowReader(unittest.IsolatedAsyncioTestCase):
    async def test_gets_all_of_a_large_message_however_long_it_takes(self) -> None:
        body = bytes(range(256)) * 600
        with mock.patch.object(slow_reader, "MAX_SILENCE_SECONDS", 0.5):
            sent = await sent_by(body, [0.0, 0.3, 0.3, 0.3, 0.0])
        self.assertEqual(sent[0], HEAD)
        self.assertEqual(b"".join(event["body"] for event in sent[1:]), body)
        self.assertEqual([len(event["body"]) for event in sent[1:3]], [PIECE_BYTES, PIECE_BYTES])
        self.assertEqual([event.get("more_body", False) for event in sent[1:]], [True, True, True, False])

    async def test_loses_its_connection_when_it_takes_nothing(self) -> None:
        with (
            mock.patch.object(slow_reader, "MAX_SILENCE_SECONDS", 0.05),
            self.assertLogs(slow_reader.logger, "WARNING") as logs,
            self.assertRaisesRegex(ClientDoesNotRead, r"^the client read nothing for 0\.05 s: its connection was ended$"),
        ):
            await sent_by(b"data: x\n\n", [0.0, 30.0])
        self.assertEqual(len(logs.output), 1)
