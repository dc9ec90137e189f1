"""The socket and the log of the servers that `hiercomp serve` and `hiercomp mcp` start."""

from __future__ import annotations

import logging
import socket
from asyncio import CancelledError
from ipaddress import ip_address

from hiercomp.errors import ConfigError


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Port 0 chooses a free port.

    Raises:
        ConfigError: the host is not an address of this machine, or the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host} port {port} ({error.strerror}); choose another --port") from error


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def shorten_server_log() -> None:
    """Make the server log a broken connection in one line, and not log the calls that its shutdown cancels."""
    logging.getLogger("uvicorn.error").addFilter(_shorten)


def _shorten(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, ConnectionError):
        record.msg, record.exc_info = str(error), None
    return not isinstance(error, CancelledError)


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to a host address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
