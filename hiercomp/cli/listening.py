"""The port that a server of this command line listens on."""

from __future__ import annotations

import logging
import socket
from asyncio import CancelledError
from ipaddress import ip_address

from hiercomp.errors import ConfigError


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any that is free.

    Raises:
        ConfigError: the host is not this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host} port {port} ({error.strerror}); choose another --port") from error


def url_of(listener: socket.socket) -> str:
    """Where a socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def log_in_lines() -> None:
    """Has a server log a broken connection in one line, and its end, which is told once, not for every call again."""
    logging.getLogger("uvicorn.error").addFilter(_in_lines)


def _in_lines(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, ConnectionError):
        record.msg, record.exc_info = str(error), None
    return not isinstance(error, CancelledError)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on a host."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
