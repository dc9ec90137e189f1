"""Runs the command line: `python -m hiercomp.cli`."""

from hiercomp.cli import main

main()
