"""Sinks that run while a test does."""

from collections.abc import Iterator

import pytest

from tests.notify.sinks import HttpSink, SmtpSink, serving


@pytest.fixture
def http_sink() -> Iterator[HttpSink]:
    sink = HttpSink()
    with serving(sink):
        yield sink


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    with serving(sink):
        yield sink
