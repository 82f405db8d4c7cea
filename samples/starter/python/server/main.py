from booking import server
from stateful_mcp_fastmcp import serve

serve(server)
