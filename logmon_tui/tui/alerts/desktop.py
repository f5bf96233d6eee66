"""Desktop notifications that the terminal makes: what to write to it. Pure.

iTerm2's OSC 9 tells a text, rxvt-unicode's OSC 777 a title and a text. Terminals ignore those
that they do not know. Inside tmux both have to be passed through to the terminal around it, which
tmux does where `allow-passthrough` is on.
"""

from collections.abc import Mapping

from logmon_tui.escape import printable
from logmon_tui.tui.paint.cells import crop

ESC = "\x1b"
END = f"{ESC}\\"
MOST_TITLE, MOST_TEXT = 80, 200

_TITLED = frozenset({"WezTerm", "ghostty", "foot", "kitty", "contour", "rxvt"})
"""Terminals that know both: the one with a title is enough."""


def notification(title: str, text: str, environment: Mapping[str, str]) -> str:
    """Return the escape sequences for a notification, whatever stands in `title` and `text`."""
    title, text = _safe(title, MOST_TITLE), _safe(text, MOST_TEXT)
    # Led by words: digits and a semicolon would be another command of OSC 9.
    plain = f"{ESC}]9;{title}: {text}{END}"
    titled = f"{ESC}]777;notify;{title};{text}{END}"
    sequences = [titled] if _knows_titles(environment) else [plain, titled]
    if environment.get("TMUX"):
        sequences = [f"{ESC}Ptmux;{each.replace(ESC, ESC * 2)}{END}" for each in sequences]
    return "".join(sequences)


def _safe(text: str, most: int) -> str:
    """Return `text` without what could end the sequence, or one of its parts."""
    return crop(printable(text).replace(";", ","), most)


def _knows_titles(environment: Mapping[str, str]) -> bool:
    names = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    if "VTE_VERSION" in environment:
        return True
    return any(known in name for name in names for known in _TITLED)
