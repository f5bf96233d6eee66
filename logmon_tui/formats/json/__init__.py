"""Formats with one JSON object a line, and their two parsers."""
