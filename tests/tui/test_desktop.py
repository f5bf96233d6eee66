"""What is written to the terminal so that it notifies the desktop, whatever the log says."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.tui.alerts.desktop import MAX_TEXT, MAX_TITLE, notification

COMMANDING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
ST = "\x1b\\"
OSC_9 = f"\x1b]9;logmon: critical: it burns{ST}"
OSC_777 = f"\x1b]777;notify;logmon;critical: it burns{ST}"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, OSC_9 + OSC_777),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, OSC_9 + OSC_777),
        ({"TERM_PROGRAM": "WezTerm"}, OSC_777),
        ({"TERM": "xterm-kitty"}, OSC_777),
        ({"TERM": "rxvt-unicode-256color"}, OSC_777),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, OSC_777),
    ],
)
def test_each_terminal_is_told_once(environment: dict[str, str], expected: str) -> None:
    assert notification("logmon", "critical: it burns", environment) == expected


def test_tmux_passes_it_through() -> None:
    told = notification("logmon", "it burns", {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "foot"})
    assert told == "\x1bPtmux;\x1b\x1b]777;notify;logmon;it burns\x1b\x1b\\\x1b\\"


def test_what_would_end_the_sequence_is_spelt_out() -> None:
    told = notification("a;b", "x\x1b\\\x07\x9c;y\n\u202e", {"TERM": "foot"})
    assert told == f"\x1b]777;notify;a,b;x\\x1b\\\\x07\\x9c,y\\x0a\\u202e{ST}"


@given(st.text(), st.text(), st.booleans())
def test_nothing_in_it_commands_a_terminal(title: str, text: str, in_tmux: bool) -> None:
    told = notification(title, text, {"TMUX": "yes"} if in_tmux else {})
    if in_tmux:
        told = re.sub("\x1bPtmux;(.*?[^\x1b])\x1b\\\\(?=\x1bP|\\Z)", r"\1", told)
        told = told.replace("\x1b\x1b", "\x1b")
    whole = "\x1b]9;([^\x1b]*)\x1b\\\\\x1b]777;notify;([^;\x1b]*);([^;\x1b]*)\x1b\\\\"
    match = re.fullmatch(whole, told)
    assert match is not None
    assert not {unicodedata.category(each) for each in "".join(match.groups())} & COMMANDING
    assert len(told) < 2 * (MAX_TITLE + MAX_TEXT) + 40


def test_a_text_that_looks_like_progress_is_a_text() -> None:
    """`OSC 9 ; 4 ; …` is a progress bar to some terminals."""
    assert notification("logmon", "4;1;50", {}).startswith("\x1b]9;logmon: 4,1,50")
