"""Formats whose fields follow each other in a fixed order, with their two parsers."""
