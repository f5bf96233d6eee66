"""Formats: from the bytes of a log to batches of hits.

`parser.Parser` is what a pipeline uses: it recognises the format of a log (`detection`, `presets`)
and has each chunk parsed by columns. A format is data, made by one of the families: `delimited`,
`json`, `w3c`, `wrapped`; `servers` makes formats of Apache's and nginx's own descriptions. `model`
holds what the families share: Hit, HitBatch, and how columns are built.

Each family has two parsers: by columns, with the scanner in `native`, and line by line, which is
the reference. The room is pure and light to import: numpy comes with the parsers. A new format is
one entry in a file of `presets`, and one line in its `_PLACES`.
"""
