"""What the environment says. The names and the defaults are those of the constructs and of the other server kit."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

IDLE_TIMEOUT_VARIABLE = "STATEFUL_MCP_IDLE_TIMEOUT_SECONDS"
PATH_VARIABLE = "STATEFUL_MCP_PATH"
REQUEST_STATE_KEY_VARIABLE = "STATEFUL_MCP_REQUEST_STATE_KEY"

# Where the platform asks a server how it is, and where the constructs let it send the warm-up hook.
HEALTH_PATH = "/ping"
WARM_UP_PATH = "/warmup"

# "Configure lifecycle settings" of the AgentCore developer guide; the longest is 14 days.
DEFAULT_IDLE_TIMEOUT_SECONDS = 900
LONGEST_IDLE_TIMEOUT_SECONDS = 1_209_600

# AgentCore kills a session 15 s after it asked for its end.
DRAIN_SECONDS = 10

# A load balancer in front keeps connections for a minute; one that it is about to use must not be closed under it.
KEEP_ALIVE_SECONDS = 75

MAX_BODY_BYTES = 4 * 1024 * 1024

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    path: str
    idle_timeout_seconds: int


def settings_of(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ValueError, with the name of the variable."""
    path = environment.get(PATH_VARIABLE) or "/mcp"
    if re.fullmatch(r"/[A-Za-z0-9._~/%-]{0,2047}", path) is None:
        raise ValueError(
            f"`{PATH_VARIABLE}` must begin with `/` and have letters, digits and `-._~/%`, got {json.dumps(path)}"
        )
    if path in (HEALTH_PATH, WARM_UP_PATH):
        raise ValueError(
            f"`{PATH_VARIABLE}` must be a path of its own, got {json.dumps(path)}: "
            f"{HEALTH_PATH} is for health checks and {WARM_UP_PATH} for the warm-up hook"
        )
    return Settings(
        host=environment.get("HOST") or "0.0.0.0",
        port=_whole_number(environment, "PORT", 8000, 0, 65_535),
        path=path,
        idle_timeout_seconds=_whole_number(
            environment, IDLE_TIMEOUT_VARIABLE, DEFAULT_IDLE_TIMEOUT_SECONDS, 1, LONGEST_IDLE_TIMEOUT_SECONDS
        ),
    )


def _whole_number(environment: Mapping[str, str], variable: str, default: int, least: int, most: int) -> int:
    text = environment.get(variable) or str(default)
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise ValueError(f"`{variable}` must be a whole number from {least} to {most}, got {json.dumps(text)}")
    return int(text)
