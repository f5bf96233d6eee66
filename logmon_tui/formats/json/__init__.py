"""Formats of one JSON object a line, as data, with their line parser and their native one."""
