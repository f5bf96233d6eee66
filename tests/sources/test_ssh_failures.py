"""What ssh says when it fails, and what the row of the host then tells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.escape import printable
from logmon_tui.sources.ssh import LAST_RETRY, LAST_RETRY_BY_HAND, retry_seconds
from logmon_tui.sources.ssh_failures import Failure, explained, unanswered
from tests.effort import examples

TRY = "ssh web1"


@pytest.mark.parametrize(
    ("code", "said", "message"),
    [
        (255, b"Host key verification failed.\r\n", "run ssh web1 once by hand to accept it"),
        (255, b"me@web1: Permission denied (publickey,password).", "asks for a password"),
        (255, b"ssh: connect to host web1 port 22: Connection refused", "refuses the connection"),
        (255, b"ssh: connect to host web1 port 22: Connection timed out", "does not answer"),
        (255, b"Timeout, server web1 not responding.", "does not answer"),
        (255, b"ssh: Could not resolve hostname web1: Name or service", "cannot be resolved"),
        (255, b"Received disconnect: Too many authentication failures", "too many keys"),
        (255, b"command-line: line 0: Bad configuration option: x", "cannot read its settings"),
        (255, b"", "the connection is lost"),
        (None, b"", "the connection is lost"),
        (255, b"x\n\x1b]0;y\x07 closed by remote host.\n", r"\x1b]0;y\x07 closed by remote host."),
        (127, b"bash: line 1: exec: sh: not found", "has no sh"),
        (1, b"", "exit code 1; try ssh web1"),
    ],
)
def test_messages(code: int | None, said: bytes, message: str) -> None:
    assert message in explained(code, said, TRY).message


def test_a_changed_key_is_no_unknown_one() -> None:
    said = b"@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n"
    assert "CHANGED" in explained(255, said, TRY).message


@settings(max_examples=examples(300), deadline=None)
@given(said=st.binary(max_size=4_096), code=st.none() | st.integers(0, 255))
def test_any_words_make_one_safe_line(said: bytes, code: int | None) -> None:
    for failure in (explained(code, said, TRY), unanswered(said, TRY, 15)):
        assert failure.message == printable(failure.message)
        assert "\n" not in failure.message
        assert len(failure.message) < 1_200


def test_retries_are_spread_and_bounded() -> None:
    cut, banned = Failure("x"), Failure("x", by_hand=True)
    assert [retry_seconds(n, cut, 1.0) for n in (1, 2, 3, 6, 100, 10_000)] == [1, 2, 4, 30, 30, 30]
    assert retry_seconds(1, banned, 1.0) == LAST_RETRY
    assert retry_seconds(50, banned, 1.0) == LAST_RETRY_BY_HAND
    assert retry_seconds(1, cut, 0.0) == 0.5
