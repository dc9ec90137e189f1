"""Run hiercomp from a checkout: `python cli.py ask report.pdf "…" --budget 4000`."""

from hiercomp.cli import main

main()
