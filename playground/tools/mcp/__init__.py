"""Tools of MCP servers (https://modelcontextprotocol.io), by the official SDK; it is imported with the first call."""
