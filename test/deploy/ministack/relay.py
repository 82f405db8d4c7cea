"""Requests that another server on loopback answers. Streams stay streams."""

import asyncio
import urllib.parse

import h11
from ministack.core.responses import StreamingResponse

# They are of one connection.
OF_THE_CONNECTION = ("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade")
LARGEST_CHUNK = 65536


async def relayed(server, method, target, headers, body):
    """The response of a server to a request with the names of its headers in small letters."""
    url = urllib.parse.urlsplit(server)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    connection = h11.Connection(h11.CLIENT)
    passed = [(name, value) for name, value in headers.items() if name not in OF_THE_CONNECTION]
    sent = [*passed, ("content-length", str(len(body))), ("connection", "close")]
    writer.write(connection.send(h11.Request(method=method, target=target, headers=sent)))
    writer.write(connection.send(h11.Data(data=body)))
    writer.write(connection.send(h11.EndOfMessage()))
    response = await next_event(connection, reader)
    answered = {}
    for name, value in response.headers:
        key = name.decode()
        if key not in OF_THE_CONNECTION:
            answered.setdefault(key, []).append(value.decode("latin-1"))

    async def relay(send, receive):
        disconnected = asyncio.ensure_future(receive())
        try:
            while True:
                event = asyncio.ensure_future(next_event(connection, reader))
                await asyncio.wait((event, disconnected), return_when=asyncio.FIRST_COMPLETED)
                if not event.done():
                    event.cancel()
                    return
                data = bytes(event.result().data) if isinstance(event.result(), h11.Data) else b""
                more = isinstance(event.result(), h11.Data)
                await send({"type": "http.response.body", "body": data, "more_body": more})
                if not more:
                    return
        finally:
            disconnected.cancel()
            writer.close()

    return response.status_code, answered, StreamingResponse(relay)


async def next_event(connection, reader):
    while True:
        event = connection.next_event()
        if event is not h11.NEED_DATA:
            return event
        connection.receive_data(await reader.read(LARGEST_CHUNK))
