"""Formats: turns the bytes of a log into batches of hits.

A pipeline uses `parser.Parser`. It recognises the format of a log (`detection`, `presets`) and
parses each chunk into a HitBatch. A format is data of one of the families `delimited`, `json`,
`w3c` and `wrapped`; `servers` makes formats from the format strings of Apache and nginx. `model`
holds what the families share: Hit, HitBatch, and the building of columns.

Each family has two parsers: a columnar one, which uses the scanner in `native`, and a line parser,
which is the reference. The room is pure and quick to import: only the parsers import numpy. A new
format is one entry in a file of `presets`, and one line in its `_PLACES`.
"""
