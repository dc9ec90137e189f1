"""Run the command line as `python -m hiercomp.cli`."""

from hiercomp.cli import main

main()
