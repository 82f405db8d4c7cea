"""Requests to AgentCore go through MiniStack, which checks signatures and policies, and on to the local runtime, signed anew.

Requests without a signature are none of IAM's business: the local runtime asks for the token of those to a runtime with an
authorizer, and refuses the others. Those to a registry of images bring a token of Amazon ECR.
"""

import contextvars
import json
import urllib.parse

from ministack import app
from ministack.core import iam_actions

import control_plane
import embedded_metrics
import image_registry
import permission_record
import relay
import role_credentials
import schedules

SERVICE = "bedrock-agentcore"
# Of the data plane: what may come with a token instead of a signature.
DATA_PLANE = ("invocations", "stopruntimesession")
SIGNED = "AWS4-"
OF_THE_SIGNATURE = ("x-amz-content-sha256", "x-amz-security-token")

# MiniStack hands decoded paths on, from which an ARN cannot be told apart from the path around it.
_target = contextvars.ContextVar("target")


def install():
    inner = app.app

    async def outer(scope, receive, send):
        if scope["type"] == "http":
            own = {
                embedded_metrics.PATH: embedded_metrics.response,
                permission_record.PATH: permission_record.response,
                role_credentials.PATH: lambda: role_credentials.response(scope["query_string"].decode()),
                schedules.PATH: schedules.response,
            }.get(scope["path"])
            if own:
                await app._send_response(send, *own())
                return
            query = scope["query_string"]
            _target.set(scope["raw_path"] + (b"?" + query if query else b""))
            unsigned = image_registry.response if image_registry.serves(scope["path"]) else forward if brings_no_signature(scope) else None
            if unsigned:
                answer = await unsigned(scope["method"], _target.get().decode(), headers_of(scope), await body_of(receive), None)
                await app._send_if_handled(send, answer, receive)
                return
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


def path_segments():
    return [urllib.parse.unquote(segment) for segment in _target.get().split(b"?")[0].decode().split("/") if segment]


def brings_no_signature(scope):
    """Whether a request to the data plane comes with a token, or with nothing at all."""
    segments = path_segments()
    authorization = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
    return segments[:1] == ["runtimes"] and segments[2:3] and segments[2] in DATA_PLANE and not authorization.startswith(SIGNED)


def headers_of(scope):
    """By their names in small letters; several of one name are a list, as in `accept`."""
    found = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode().lower(), []).append(value.decode("latin-1"))
    return {name: ", ".join(values) for name, values in found.items()}


async def body_of(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def resource_arn(region, account):
    """The resource that the Service Authorization Reference names for an operation on a runtime or an endpoint."""
    segments = path_segments()
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
    passed = {name.lower(): value for name, value in headers.items()}
    # As the caller knows it: the challenge to a caller without a token leads there.
    host = passed.get("host", urllib.parse.urlsplit(control_plane.LOCAL_RUNTIME).netloc)
    if passed.get("authorization", "").startswith(SIGNED):
        passed = {name: value for name, value in passed.items() if name not in OF_THE_SIGNATURE}
        passed |= control_plane.signature(method, f"http://{host}{_target.get().decode()}", body)
    return await relay.relayed(control_plane.LOCAL_RUNTIME, method, _target.get(), passed | {"host": host}, body)
