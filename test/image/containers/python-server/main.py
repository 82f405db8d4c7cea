"""An MCP server of the standard library alone, which tells how it was started."""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "whoami", "version": "1.0.0"}}
    if method == "tools/list":
        return {"tools": [{"name": "whoami", "inputSchema": {"type": "object"}}]}
    version = ".".join(map(str, sys.version_info[:2]))
    started = {"user": os.getuid(), "folder": os.getcwd(), "python": version, "unbuffered": os.environ.get("PYTHONUNBUFFERED")}
    return {"content": [], "structuredContent": started}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(405)

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result = {"jsonrpc": "2.0", "id": message["id"], "result": answer(message["method"], message.get("params"))} if "id" in message else None
        body = b"" if result is None else json.dumps(result).encode()
        self.send_response(202 if result is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
