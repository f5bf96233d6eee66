"""How many examples a property test tries: few in the quick tests, all of them in a full run.

`LOGMON_EXAMPLES` is the maximum of each property test. `.ci/run` sets it above them all.
"""

import os

MAXIMUM = int(os.environ.get("LOGMON_EXAMPLES") or "5")


def examples(number: int) -> int:
    """Return how many examples a test tries, of the `number` that a full run tries."""
    return min(number, MAXIMUM)
