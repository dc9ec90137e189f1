"""The command line: parse, call, print. Heavy imports are inside the commands."""

from hiercomp.cli.app import main

__all__ = ["main"]
