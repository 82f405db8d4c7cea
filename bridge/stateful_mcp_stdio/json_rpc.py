"""What the bridge says in JSON-RPC by itself, and how it reads what passes through."""

import json
from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INTERNAL_ERROR = -32603
SERVER_ERROR = -32000
# What the MCP SDKs answer for a session id that they do not know.
SESSION_NOT_FOUND = -32001

# The first protocol version without sessions.
MODERN_VERSION = "2026-07-28"
PROTOCOL_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"


MEMBERS = ("jsonrpc", "id", "method", "params", "result", "error")


def is_request(message: Any) -> bool:
    return isinstance(message, dict) and isinstance(message.get("method"), str) and request_id(message) is not None


def is_notification(message: Any) -> bool:
    return isinstance(message, dict) and isinstance(message.get("method"), str) and message.get("id") is None


def is_answer(message: Any) -> bool:
    return isinstance(message, dict) and "method" not in message and ("result" in message or "error" in message)


def without_null(message: Any) -> Any:
    """A message without members that are null, or not of JSON-RPC; what is inside of the others stays as it is.

    Null is absent: serializers of Java, Go and .NET write `"error": null` beside a result.
    """
    if not isinstance(message, dict):
        return message
    return {name: message[name] for name in MEMBERS if message.get(name) is not None}


def is_good(message: Any) -> bool:
    """Whether a message without null members is one of JSON-RPC 2.0."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return False
    if "method" in message:
        return isinstance(message["method"], str) and isinstance(message.get("params", {}), dict)
    if "error" not in message:
        return request_id(message) is not None and isinstance(message.get("result"), dict)
    details = message["error"]
    if "result" in message or not isinstance(details, dict):
        return False
    return is_whole(details.get("code")) and isinstance(details.get("message"), str)


def lacks_id(message: dict[str, Any]) -> bool:
    """Whether it is a request whose id cannot be answered to. Of a notification null is none."""
    if "id" not in message or "method" not in message or request_id(message) is not None:
        return False
    return message["id"] is not None or not str(message["method"]).startswith("notifications/")


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def request_id(message: Any) -> str | int | float | None:
    """The id of a single message that has a good one."""
    value = message.get("id") if isinstance(message, dict) else None
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def key_of(identifier: Any) -> str:
    """`1` and `"1"` are two ids."""
    return json.dumps(identifier)


def params_of(message: Any) -> dict[str, Any]:
    params = message.get("params") if isinstance(message, dict) else None
    return params if isinstance(params, dict) else {}


def progress_token(message: Any) -> Any:
    meta = params_of(message).get("_meta")
    return meta.get("progressToken") if isinstance(meta, dict) else None


def is_modern(header: str | None, body: Any) -> bool:
    """Whether a request is of the era without sessions, in which stdio servers do not speak."""
    meta = params_of(body).get("_meta")
    if isinstance(meta, dict) and PROTOCOL_VERSION_KEY in meta:
        return True
    return header is not None and header >= MODERN_VERSION and not is_initialize(body)


def is_initialize(body: Any) -> bool:
    return isinstance(body, dict) and body.get("method") == "initialize"


def error(code: int, message: str, identifier: Any = None, data: dict[str, Any] | None = None) -> dict[str, Any]:
    details: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        details["data"] = data
    return {"jsonrpc": "2.0", "error": details, "id": identifier}


def encode(message: Any) -> bytes:
    """One line, in ASCII: no character of it ends a line for anybody."""
    return json.dumps(message, separators=(",", ":")).encode()
