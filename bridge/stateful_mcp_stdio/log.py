"""The log: one JSON object a line on stderr. It never holds arguments, answers or results."""

import datetime
import json
import os
import re
import sys
from typing import Any

LEVEL_VARIABLE = "STATEFUL_MCP_LOG_LEVEL"
LEVELS = ("debug", "info", "error", "silent")

# The longest text in an entry. Longer ones are cut: their end is a client's or a child's, not the operator's.
MAX_TEXT_LENGTH = 8192

# Control characters of both sets, and those that turn the direction of a line around.
UNSAFE = re.compile("[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def level_of(environment: os._Environ[str] | dict[str, str]) -> str:
    level = environment.get(LEVEL_VARIABLE) or "info"
    if level not in LEVELS:
        raise ValueError(f"`{LEVEL_VARIABLE}` must be one of {', '.join(LEVELS)}, got {json.dumps(level)}")
    return level


class Log:
    def __init__(self, level: str) -> None:
        self._least = LEVELS.index(level)

    def write(self, level: str, event: str, **details: Any) -> None:
        if LEVELS.index(level) < self._least:
            return
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry = {"time": now, "level": level, "event": event}
        entry.update((name, _safe(value)) for name, value in details.items() if value is not None)
        try:
            sys.stderr.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            # A full disk or a reader that went away costs the log, and not the server.
            pass


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value if len(value) <= MAX_TEXT_LENGTH else f"{value[:MAX_TEXT_LENGTH]}… ({len(value)} characters)"
    return UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
