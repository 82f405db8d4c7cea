"""What the environment says, and the limits that it cannot change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

IDLE_TIMEOUT_VARIABLE = "STATEFUL_MCP_IDLE_TIMEOUT_SECONDS"
MAX_LIFETIME_VARIABLE = "STATEFUL_MCP_MAX_LIFETIME_SECONDS"

# "Configure lifecycle settings" of the AgentCore developer guide; the longest are 14 days.
DEFAULT_IDLE_TIMEOUT = 900
DEFAULT_MAX_LIFETIME = 28_800
LONGEST_LIFECYCLE = 1_209_600

# Each session is a process, and a microVM has one session as a rule: more of them are those of a laptop.
MAX_SESSIONS = 100

MAX_BODY_BYTES = 4 * 1024 * 1024

# A proxy or a client in between may give up after 30 s of silence.
KEEP_ALIVE_SECONDS = 15

# AgentCore kills a session 15 s after it asked for its end.
DRAIN_SECONDS = 10


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    idle_timeout: int
    max_lifetime: int


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Raises ValueError, with the name of the variable."""
    max_lifetime = _seconds(environment, MAX_LIFETIME_VARIABLE) or DEFAULT_MAX_LIFETIME
    idle_timeout = _seconds(environment, IDLE_TIMEOUT_VARIABLE) or min(DEFAULT_IDLE_TIMEOUT, max_lifetime)
    if idle_timeout > max_lifetime:
        raise ValueError(
            f"`{IDLE_TIMEOUT_VARIABLE}` must be at most `{MAX_LIFETIME_VARIABLE}` ({max_lifetime}), got {idle_timeout}"
        )
    return Settings(environment.get("HOST") or "0.0.0.0", _port(environment), idle_timeout, max_lifetime)


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT") or "8000"
    if not (text.isascii() and text.isdecimal()) or int(text) > 65_535:
        raise ValueError(f"`PORT` must be a whole number from 0 to 65535, got {json.dumps(text)}")
    return int(text)


def _seconds(environment: Mapping[str, str], variable: str) -> int | None:
    text = environment.get(variable)
    if not text:
        return None
    seconds = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= seconds <= LONGEST_LIFECYCLE:
        raise ValueError(
            f"`{variable}` must be a whole number of seconds from 1 to {LONGEST_LIFECYCLE}, got {json.dumps(text)}"
        )
    return seconds
