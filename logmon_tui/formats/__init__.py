"""From bytes of a log to batches of hits: formats, their recognition, and the two parsers.

Pure: no I/O, no clock. Importing this package is cheap; numpy comes with the parsers.
"""
