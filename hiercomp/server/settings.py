"""The settings of a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from hiercomp.config import Config
from hiercomp.errors import ConfigError

TOKEN_VARIABLE = "HIERCOMP_SERVER_TOKEN"
"""The environment variable that holds the token of the server."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The settings of a server.

    Clients must send `token`; without one, the server accepts only connections from this machine. `upstream_key` is the
    key that the server sends to the upstream in place of that token. `documents` is the folder of uploaded documents.
    `max_body` is the most bytes of a request. At most `concurrency` requests run at a time. A request that waits for
    more than `patience` seconds is refused. At most `open_documents` pipelines stay open.
    """

    config: Config
    documents: Path
    host: str = "127.0.0.1"
    token: str | None = field(default=None, repr=False)
    upstream_key: str | None = field(default=None, repr=False)
    max_body: int = 32 * 1024**2
    concurrency: int = 32
    patience: float = 30.0
    open_documents: int = 16

    def __post_init__(self) -> None:
        if not self.token and not is_loopback(self.host):
            raise ConfigError(
                f"other machines can reach --host {self.host}; set {TOKEN_VARIABLE} to a token that clients must send, "
                "or use --host 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server that is bound to a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
