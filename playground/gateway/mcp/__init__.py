"""Our own MCP server (https://modelcontextprotocol.io, revision 2025-11-25), over streamable HTTP."""
