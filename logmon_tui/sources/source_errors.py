"""Turns what goes wrong with a file into the one line that a user is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from logmon_tui.errors import SourceError
from logmon_tui.escape import printable


@contextmanager
def source_errors(path: str, mend: str = "give another log") -> Iterator[None]:
    """Turn errors of reading the file at `path` into SourceError.

    `mend` says what to do about a file that cannot be read.
    """
    name = printable(path)
    try:
        yield
    except EOFError as error:
        message = f"{name}: is cut or damaged ({error}); give another log"
        raise SourceError(message) from error
    except OSError as error:
        message = f"{name}: cannot be read: {error.strerror or error}; {mend}"
        raise SourceError(message) from error
