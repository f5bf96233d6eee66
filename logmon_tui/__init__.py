"""logmon-tui: live HTTP traffic on a terminal, read straight from access logs."""

__version__ = "0.1.0"
