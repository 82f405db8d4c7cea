"""Requests to AgentCore go through MiniStack, which checks signatures and policies, and on to the local runtime. Streams stay streams."""

import asyncio
import contextvars
import json
import urllib.parse

import h11
from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import StreamingResponse

import control_plane
import permission_record
import server_credentials

SERVICE = "bedrock-agentcore"
# They are of one connection, or the host's.
OF_THE_CONNECTION = ("connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade")
LARGEST_CHUNK = 65536

# MiniStack hands decoded paths on, from which an ARN cannot be told apart from the path around it.
_target = contextvars.ContextVar("target")


def install():
    inner = app.app

    async def outer(scope, receive, send):
        if scope["type"] == "http":
            own = {
                server_credentials.PATH: server_credentials.response,
                permission_record.PATH: permission_record.response,
            }.get(scope["path"])
            if own:
                await app._send_response(send, *own())
                return
            query = scope["query_string"]
            _target.set(scope["raw_path"] + (b"?" + query if query else b""))
            # Loopback stands for TLS, which policies of buckets demand.
            scope = {**scope, "scheme": "https"}
        await inner(scope, receive, send)

    app.app = outer
    app.SERVICE_HANDLERS[SERVICE] = forward
    # Which actions of IAM the operations of both planes are: by their service models.
    iam_actions._BOTOCORE_SERVICE_MAP[SERVICE] = ["bedrock-agentcore-control", "bedrock-agentcore"]
    resource_of = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query, region, account):
        found = resource_of(service, method, path, headers, body, query, region, account)
        if service == "logs":
            return log_stream_arn(found, headers, body)
        return (service == SERVICE and resource_arn(region, account)) or found

    iam_actions.extract_resource_arn = extract_resource_arn


def resource_arn(region, account):
    """The resource that the Service Authorization Reference names for an operation on a runtime or an endpoint."""
    segments = [urllib.parse.unquote(segment) for segment in _target.get().split(b"?")[0].decode().split("/") if segment]
    if segments[:1] != ["runtimes"] or len(segments) < 2:
        return None
    runtime = segments[1]
    if not runtime.startswith("arn:"):
        runtime = f"arn:aws:{SERVICE}:{region}:{account}:runtime/{runtime}"
    if segments[2:3] == ["runtime-endpoints"] and len(segments) > 3:
        return f"{runtime}/runtime-endpoint/{segments[3]}"
    return runtime


def log_stream_arn(group, headers, body):
    """Denials of AWS name the stream for these operations, MiniStack's the group alone."""
    if headers.get("x-amz-target", "").split(".")[-1] not in ("CreateLogStream", "PutLogEvents"):
        return group
    request = json.loads(body)
    return f"{group.split(':log-group:')[0]}:log-group:{request['logGroupName']}:log-stream:{request['logStreamName']}"


async def forward(method, _path, headers, body, _query):
    """The response of the local runtime, whose body follows as it comes."""
    url = urllib.parse.urlsplit(control_plane.LOCAL_RUNTIME)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    connection = h11.Connection(h11.CLIENT)
    sent = [(name, value) for name, value in signed_anew(method, headers, body).items() if name.lower() not in OF_THE_CONNECTION]
    sent += [("host", url.netloc), ("content-length", str(len(body))), ("connection", "close")]
    writer.write(connection.send(h11.Request(method=method, target=_target.get(), headers=sent)))
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


def signed_anew(method, headers, body):
    """The signature was MiniStack's to check, and names its host: the local runtime may check one, too."""
    kept = {name.lower(): value for name, value in headers.items()}
    if not kept.get("authorization", "").startswith("AWS4-"):
        return kept
    for name in ("authorization", "x-amz-date", "x-amz-security-token"):
        kept.pop(name, None)
    return kept | control_plane.signature(method, _target.get().decode(), body)


async def next_event(connection, reader):
    while True:
        event = connection.next_event()
        if event is not h11.NEED_DATA:
            return event
        connection.receive_data(await reader.read(LARGEST_CHUNK))
