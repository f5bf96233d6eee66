"""The native scanner: bytes of a log in, columns out, in one pass of C.

`scan.c` goes over the lines of a chunk: those of delimited formats from field to field
(`delimited.h`), those of JSON from member to member (`json_lines.h`), as a description of their
format says. `span.h` has the only ways in which it reads bytes, `times.h` and `values.h` read
fields, `texts.h` tells distinct texts apart, and `columns.h` keeps what is found. `wrappers.h` and
`prefixes.h` take off before what loggers put around lines.

`specs.py` is what goes in, `scanner.py` calls the scanner and has what comes out: `Texts`, places
in the chunk's bytes (`texts.py`). What is done to many texts at once is done here, too:
`interner.py` numbers them over chunks, `requests.py` takes request lines apart, `sums.py` sums up
by number, `wrappers.py` unwraps. `library.py` loads the library through ctypes;
`build.py` compiles it when the project is installed.

The scanner decides nothing: a line that does not fit is left to the line parser in Python, the
reference, which also reads all lines where no scanner was built. Nothing here knows what fields
mean, so this room imports no other.
"""
