"""An MCP (Model Context Protocol) server: its tools return documents within a token budget.

    hiercomp mcp ~/reports

The tools read only documents in the given directories.
"""

from __future__ import annotations

from hiercomp.integrations.mcp._library import Library
from hiercomp.integrations.mcp._server import build_server
from hiercomp.integrations.mcp._serving import serve_http, serve_stdio

__all__ = ["Library", "build_server", "serve_http", "serve_stdio"]
