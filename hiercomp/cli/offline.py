"""`--offline`: this process reaches no other machine, whatever a library tries."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address

from hiercomp.errors import ModelError

_HUB_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""What keeps the libraries that can fetch models from trying."""


def forbid_network() -> None:
    """Refuses, until the process ends, every name look-up and connection but those of this machine."""
    os.environ.update(dict.fromkeys(_HUB_OFFLINE, "1"))
    sys.addaudithook(_refuse)


def is_own_machine(host: str) -> bool:
    """Whether a host's name or address is that of this machine."""
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in ("", "localhost")


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):  # the address of a Unix socket is a text
        host = arguments[1][0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if not is_own_machine(name):
        raise ModelError(f"--offline forbids to connect to {name}; choose a local reader, or leave --offline out")
