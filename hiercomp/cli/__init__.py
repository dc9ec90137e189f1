"""The command line. Each command imports heavy libraries only when it runs, so that `--help` starts fast."""

from hiercomp.cli.app import main

__all__ = ["main"]
