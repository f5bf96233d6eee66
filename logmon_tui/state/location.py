"""The path of the state file of a set of logs. Reads and writes nothing."""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from logmon_tui.config.folders import state_folder
from logmon_tui.config.remote import is_remote

SUFFIX = ".sqlite"
_NAME_LENGTH = 40
_HASH_LENGTH = 12


def default_state_file(logs: Sequence[str]) -> Path:
    """Return the state file of a set of logs, in any order.

    It does not depend on the folder in which the program is started.
    """
    keys = log_keys(logs)
    joined = b"\0".join(map(os.fsencode, keys))
    digest = hashlib.sha256(joined).hexdigest()[:_HASH_LENGTH]
    first = re.sub(r"[^A-Za-z0-9._-]", "_", Path(keys[0]).name)[:_NAME_LENGTH].lstrip(".")
    more = f"+{len(keys) - 1}" if len(keys) > 1 else ""
    return state_folder() / f"{first or 'log'}{more}-{digest}{SUFFIX}"


def log_key(log: str) -> str:
    """Return the key of a log in the state: of a file its absolute path, links not resolved."""
    return log if is_remote(log) else os.path.abspath(log)  # noqa: PTH100 - as a string


def log_keys(logs: Sequence[str]) -> list[str]:
    """Return the keys of a set of logs, sorted."""
    return sorted({log_key(log) for log in logs})
