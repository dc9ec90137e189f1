"""`--offline`: block every connection of this process to another machine, whichever library tries it."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address

from hiercomp.errors import ModelError

_HUB_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""Variables that make the libraries which download models use local files only."""


def forbid_network() -> None:
    """Refuse name lookups and connections, except to this machine, until the process ends."""
    os.environ.update(dict.fromkeys(_HUB_OFFLINE, "1"))
    sys.addaudithook(_refuse)


def is_own_machine(host: str) -> bool:
    """Whether a host name or address belongs to this machine."""
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in ("", "localhost")


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):  # The address of a Unix socket is a string.
        host = arguments[1][0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if not is_own_machine(name):
        raise ModelError(
            f"--offline does not allow hiercomp to connect to {name}; choose a local reader, or omit --offline"
        )
