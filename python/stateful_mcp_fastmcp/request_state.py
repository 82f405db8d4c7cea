"""Protects the request state that clients of protocol 2026-07-28 carry from round to round."""

import base64
import binascii
import os
from functools import cached_property

from mcp.server.request_state import AESGCMRequestStateCodec, RequestStateSecurity

from .settings import REQUEST_STATE_KEY_VARIABLE


def request_state_security(*, answer_timeout_seconds: float = 600) -> RequestStateSecurity:
    """For `FastMCP(name, request_state_security=…)`.

    The key is `STATEFUL_MCP_REQUEST_STATE_KEY`, base64 of at least 32 bytes, or `old,new` during a rotation: the first
    encrypts, both decrypt. Without it, each process draws its own, and a conversation cannot go on in another one.

    Raises ValueError, with the name of the variable.
    """
    configured = os.environ.get(REQUEST_STATE_KEY_VARIABLE)
    codec = _LateCodec([_decoded(text) for text in configured.split(",")] if configured else None)
    return RequestStateSecurity(codec=codec, ttl=answer_timeout_seconds)


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 32:
        # The value is a secret, so it is not repeated.
        raise ValueError(
            f"`{REQUEST_STATE_KEY_VARIABLE}` is not base64 of at least 32 bytes: set it to one that is, "
            "made with: openssl rand -base64 32"
        )
    return key


class _LateCodec:
    """Draws a key at its first use, from the kernel.

    FastMCP draws one when a server is made. A microVM that is restored from a snapshot would have it in common with all
    others that are.
    """

    def __init__(self, keys: list[bytes] | None) -> None:
        self._keys = keys

    @cached_property
    def _codec(self) -> AESGCMRequestStateCodec:
        return AESGCMRequestStateCodec(self._keys or [os.urandom(32)])

    def seal(self, payload: bytes) -> str:
        return self._codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        return self._codec.unseal(token)
