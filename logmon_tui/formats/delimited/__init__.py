"""Formats of fields one after the other, as data, with their line parser and their native one."""
