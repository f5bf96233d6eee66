"""Escape sequences that have the terminal show a desktop notification. Pure.

iTerm2's OSC 9 takes a text, rxvt-unicode's OSC 777 a title and a text. Terminals ignore sequences
that they do not know. Inside tmux, the sequences must be wrapped so that tmux passes them on to the
outer terminal, which it does if `allow-passthrough` is on.
"""

from collections.abc import Mapping

from logmon_tui.escape import printable
from logmon_tui.tui.paint.cells import crop

ESC = "\x1b"
END = f"{ESC}\\"
MAX_TITLE, MAX_TEXT = 80, 200
"""Maximum cells of a notification's title and text."""

_TITLED = frozenset({"WezTerm", "ghostty", "foot", "kitty", "contour", "rxvt"})
"""Terminals that know both sequences; they get only the one with a title."""


def notification(title: str, text: str, environment: Mapping[str, str]) -> str:
    """Return the escape sequences for a notification; `title` and `text` may be hostile."""
    title, text = _safe(title, MAX_TITLE), _safe(text, MAX_TEXT)
    # The title comes first: OSC 9 with digits and a semicolon would be another command.
    plain = f"{ESC}]9;{title}: {text}{END}"
    titled = f"{ESC}]777;notify;{title};{text}{END}"
    sequences = [titled] if _knows_titles(environment) else [plain, titled]
    if environment.get("TMUX"):
        sequences = [f"{ESC}Ptmux;{each.replace(ESC, ESC * 2)}{END}" for each in sequences]
    return "".join(sequences)


def _safe(text: str, most: int) -> str:
    """Return `text` without characters that could end the sequence or one of its parts."""
    return crop(printable(text).replace(";", ","), most)


def _knows_titles(environment: Mapping[str, str]) -> bool:
    names = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    if "VTE_VERSION" in environment:
        return True
    return any(known in name for name in names for known in _TITLED)
