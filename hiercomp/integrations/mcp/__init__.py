"""A server of the Model Context Protocol: documents within a token budget for any client that speaks it.

    hiercomp mcp ~/reports

Its tools read what is below the directories named, and nothing else.
"""

from __future__ import annotations

from hiercomp.integrations.mcp._library import Library
from hiercomp.integrations.mcp._server import build_server
from hiercomp.integrations.mcp._serving import serve_http, serve_stdio

__all__ = ["Library", "build_server", "serve_http", "serve_stdio"]
