"""What `stateful-mcp-server` promises for servers of Node.js, for those on FastMCP.

`serve` listens as Amazon Bedrock AgentCore Runtime expects it, `interactive` gives a tool questions, sampling and
progress in both protocol eras, `request_state_security` protects what clients carry from round to round.
"""

from .interaction import Declined, Interaction, NoCapability, Reply, interactive
from .request_state import request_state_security
from .serve import serve
from .warm_up import SelfTestSession

__all__ = [
    "Declined",
    "Interaction",
    "NoCapability",
    "Reply",
    "SelfTestSession",
    "interactive",
    "request_state_security",
    "serve",
]
