"""Serves a stdio MCP server over HTTP the way Amazon Bedrock AgentCore Runtime calls it.

One process of the server for each session. What `serveStdio` of the npm package `stateful-mcp-server` does for servers
of Node.js, for images and laptops that have Python alone. Needs uvicorn, and nothing else beyond the standard library.
"""

from .serve import serve

__all__ = ["serve"]
