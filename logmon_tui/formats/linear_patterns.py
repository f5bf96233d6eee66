"""Regular expressions of users, by RE2: they take linear time on any text. Quick to import."""

import re
from typing import Any

INSTALL = "needs the package google-re2; install it with: pip install 'logmon-tui[re2]'"


def linear_pattern(pattern: bytes) -> Any:
    """Return the compiled regular expression, to be used on bytes.

    Its syntax is that of https://github.com/google/re2/wiki/Syntax. Raises ValueError that says
    what is wrong with it.
    """
    try:
        import re2  # optional: few users have regular expressions of their own
    except ImportError:
        raise ValueError(INSTALL) from None
    options = re2.Options()
    options.encoding, options.log_errors = re2.Options.Encoding.LATIN1, False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(_explained(error.args[0])) from error


def _explained(message: bytes | str) -> str:
    """Turn a message of RE2 into an explanation for the user."""
    text = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
    what = f"invalid regular expression: {text}"
    if re.search(r"perl operator: \(\?[=!<]", what):
        return f"{what}; RE2, which always ends in time, has no lookaround"
    if re.search(r"escape sequence: \\[1-9]", what):
        return f"{what}; RE2, which always ends in time, has no backreferences"
    return what
