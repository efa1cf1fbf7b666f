"""Run the command line as ``python -m analysis.cli``."""

from analysis.cli.app import main

main()
