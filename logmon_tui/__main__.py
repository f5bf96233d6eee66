"""`python -m logmon_tui`: the same as the command `logmon-tui`."""

from logmon_tui.cli import main

main()
