"""Turns the format strings of servers (Apache's LogFormat, nginx's log_format) into formats."""
