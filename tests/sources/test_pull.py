"""What a message of a broker costs until the pipeline takes it."""

from types import SimpleNamespace

import pytest

from logmon_tui.fleet.protocol import Health, Lines, encode_health, encode_lines
from logmon_tui.sources.broker.pull import _content

LINES = Lines("web1", "eu", "0" * 16, 0, 100, b"")


@pytest.mark.parametrize("lines", [b"", b"a line\n" * 1_000])
def test_a_message_costs_more_than_its_lines(lines: bytes) -> None:
    """Else those of lines that are all left out would cost nothing, and fill the memory."""
    sent = LINES._replace(lines=lines)
    headers, body = encode_lines(sent)
    msg = SimpleNamespace(subject="logmon.v1.eu.web1.lines", headers=headers, data=body)
    content, size = _content(msg)  # type: ignore[arg-type]
    assert content == sent
    assert size >= len(lines) + 500


def test_so_do_health_and_what_is_broken() -> None:
    body = encode_health(Health(host="web1", site="eu"))
    for data in (body, b"{"):
        msg = SimpleNamespace(subject="logmon.v1.eu.web1.health", headers=None, data=data)
        content, size = _content(msg)  # type: ignore[arg-type]
        assert isinstance(content, Health if data is body else str)
        assert size >= 500
