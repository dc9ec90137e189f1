"""What a server is started with: one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from hiercomp.config import Config
from hiercomp.errors import ConfigError

TOKEN_VARIABLE = "HIERCOMP_SERVER_TOKEN"
"""Names the variable that holds the token which clients must show."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How a server works.

    `token` is what clients must show; without one only this machine is served. `upstream_key` is sent to the upstream
    in place of that token. A request that has waited for its turn `patience` seconds is refused.
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
                f"--host {self.host} can be reached from other machines; set {TOKEN_VARIABLE}, the token that clients "
                "must show, or stay on 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that is bound to a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
