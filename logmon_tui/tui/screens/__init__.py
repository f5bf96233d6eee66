"""Screens over the dashboard: the help with all keys, the manual, and all fields of a request."""
