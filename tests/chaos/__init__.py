"""Long trials of many hosts, out of the normal run: `python -m tests.chaos --help`."""
