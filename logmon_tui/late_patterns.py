"""Regular expressions that are compiled when they are first used.

Compiling one takes up to 0.3 ms, and no command uses all of them. What nearly every command uses is
compiled at once, by `re.compile`.
"""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import AnyStr


def late_pattern(
    pattern: AnyStr, flags: re.RegexFlag = re.NOFLAG
) -> Callable[[], re.Pattern[AnyStr]]:
    """Return a function that returns the compiled pattern."""
    return cache(partial(re.compile, pattern, flags))
