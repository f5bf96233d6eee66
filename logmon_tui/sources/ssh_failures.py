"""What it means when `ssh` fails, in one line that says how to mend it. Pure.

What `ssh` says may come from the other machine, so it is hostile text: it is searched for known
phrases, and of anything else the last line is shown, escaped and cut.
"""

from collections.abc import Callable
from typing import NamedTuple

from logmon_tui.escape import printable

_SHOWN = 160
"""Maximum characters shown of what `ssh` says."""

_FAILED = 255
"""The exit code with which `ssh` says that it failed itself."""

_NOT_FOUND = (126, 127)
"""The exit codes of a shell that cannot run a command."""


class Failure(NamedTuple):
    """One line on what is wrong. `by_hand` says that only a person can mend it.

    Trying often would then help nobody, and may get this machine banned there.
    """

    message: str
    by_hand: bool = False


def _unknown_key(by_hand: str) -> Failure:
    mend = f"run {by_hand} once by hand to accept it"
    return Failure(f"its host key is not known; {mend}", by_hand=True)


def _changed_key(_by_hand: str) -> Failure:
    return Failure("its host key has CHANGED; find out why, then mend known_hosts", by_hand=True)


def _refused(by_hand: str) -> Failure:
    mend = f"load your key into ssh-agent, or copy it there (ssh-copy-id); try {by_hand}"
    return Failure(f"asks for a password or knows none of your keys; {mend}", by_hand=True)


def _too_many(by_hand: str) -> Failure:
    mend = f"set IdentityFile for it; try {by_hand}"
    return Failure(f"was offered too many keys; {mend}", by_hand=True)


def _no_name(_by_hand: str) -> Failure:
    return Failure("its name cannot be resolved; see the spelling, or ~/.ssh/config")


def _no_sshd(_by_hand: str) -> Failure:
    return Failure("refuses the connection; see whether sshd runs there, and its port")


def _silent(by_hand: str) -> Failure:
    return Failure(f"does not answer; see whether it is up, and the network; try {by_hand}")


def _bad_settings(by_hand: str) -> Failure:
    return Failure(f"ssh cannot read its settings; try {by_hand}", by_hand=True)


_KNOWN: tuple[tuple[str, Callable[[str], Failure]], ...] = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", _changed_key),
    ("Host key verification failed", _unknown_key),
    ("Too many authentication failures", _too_many),
    ("Permission denied (", _refused),
    ("Could not resolve hostname", _no_name),
    ("Connection refused", _no_sshd),
    ("timed out", _silent),
    ("No route to host", _silent),
    ("Network is unreachable", _silent),
    ("Timeout, server", _silent),
    ("Bad configuration option", _bad_settings),
    ("Can't open user config file", _bad_settings),
)
"""Phrases of `ssh`, the first that occurs counts."""


def explained(code: int | None, said: bytes, by_hand: str) -> Failure:
    """Return why `ssh` ended with an exit code (None: not yet), by what it `said` last.

    `by_hand` is what a user types to see more.
    """
    text = said.decode("utf-8", "replace")
    for phrase, failure in _KNOWN:
        if phrase in text:
            return failure(by_hand)
    if code in _NOT_FOUND:
        return Failure(f"has no sh that can be run; try {by_hand}", by_hand=True)
    line = _last_line(text)
    if line:
        return Failure(f"the connection is lost: {line}")
    if code in (None, _FAILED):
        return Failure("the connection is lost")
    return Failure(f"the shell there has ended with exit code {code}; try {by_hand}")


def unanswered(said: bytes, by_hand: str, seconds: float) -> Failure:
    """Return that nothing came for so many seconds."""
    line = _last_line(said.decode("utf-8", "replace"))
    if line:
        return Failure(f"has said nothing for {seconds:.0f} s, but: {line}")
    return Failure(f"has said nothing for {seconds:.0f} s; try {by_hand}")


def _last_line(text: str) -> str:
    lines = [line for each in text.splitlines() if (line := each.strip())]
    return printable(lines[-1][:_SHOWN]) if lines else ""
