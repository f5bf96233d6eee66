"""The native scanner: turns the bytes of a log into columns, in one pass of C.

In C: `scan.c` walks over the lines of a chunk as the description of their format says, from field
to field (`delimited.h`, `steps.h`, `field_ends.h`) or from member to member (`json_lines.h`,
`json_gaps.h`). `span.h` and `blocks.h` have the only functions that read bytes, `times.h` and
`values.h` convert fields, `texts.h` numbers distinct texts, and `columns.h` stores the results.
`file_lines.h` reads the lines of a file by blocks that stay in the processor's cache. `wrappers.h`
and `prefixes.h` remove what loggers add around lines, `hits.h` and `sums.h` sum up what is in
columns, `tallies.h` counts numbers, and `networks.h` reads the addresses of clients.

In Python: `specs.py` describes a format to the scanner, `scanner.py` and `file_lines.py` call it,
`scan_columns.py` has the memory for its columns, and `texts.py` holds texts as offsets into bytes.
Other modules process many texts at once: `interner.py` numbers them over chunks, `requests.py`
splits request lines, `hits.py` and `sums.py` sum up by number, `networks.py` finds networks,
`wrappers.py` unwraps. `library.py` loads the library through ctypes, and `structures.py` declares
what it shares; `build.py` compiles it when the project is installed.

The scanner leaves every line that does not fit to the line parser in Python, which is the
reference, and which reads all lines where no scanner was built. Nothing here knows the meaning of
fields, so this room imports no other.
"""
