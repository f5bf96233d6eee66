"""However a line is made, judging it takes time in proportion to its length, and raises nothing."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logmon_tui.escape import printable
from logmon_tui.formats.detection import recognise
from logmon_tui.formats.model.values import split_request
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.servers.nginx import nginx_format
from tests.formats.strategies import COMBINED, COMMON, VHOST
from tests.hostile import PAYLOADS, combined, hostile_methods, vhost_combined, without_format

SIZE = 200_000
LIMIT = 0.050
"""Seconds a line of `SIZE` bytes may take; the figure printed is to be held against it."""

FAR_TOO_LONG = 10 * LIMIT
"""What is not linear takes longer than this on any machine, what is linear nowhere near."""

TRIES = 8

UNITS = {
    "letters": b"a",
    "spaces": b" ",
    "quotes": b'"',
    "backslashes": b"\\",
    "escaped quotes": b'\\"',
    "quotes and spaces": b'" ',
    "empty fields": b'"" ',
    "brackets": b"[]",
    "times": b"[09/May/2018:16:00:39 +0000] ",
    "digits": b"9",
    "dashes": b"- ",
    "semicolons": b"; ",
    "lists": b" 0.1,",
    "slashes": b"//[",
    "schemes": b"a+://",
    "queries": b"?#",
    "returns": b"\r",
    "controls": b"\x1b]0;",
    "zeros": b"\0",
    "no UTF-8": b"\xff",
    "C1": b"\xc2\x9d",
    "bidi": "\u202e".encode(),
    "byte order marks": b"\xef\xbb\xbf",
    "wide": "日本語".encode(),
}


def shapes(unit: bytes) -> Iterator[bytes]:
    """Lines of about `SIZE` bytes: `unit` alone, and in each place of a good line."""
    bulk = unit * (SIZE // len(unit))
    yield bulk
    for line in (COMMON, COMBINED, VHOST):
        yield bulk + line
        yield line + bulk
        yield line[:-1] + bulk + line[-1:]
        yield line.replace(b"james", bulk)
        yield line.replace(b"09/May", bulk)
        yield line.replace(b"/report", b"/" + bulk)
        yield line.replace(b"/report", bulk)
        yield line.replace(b"GET /report", bulk)
        yield line.replace(b'" 200', bulk)
        yield line.replace(b"200 123", b"200 " + bulk)


def seconds(judge: Callable[[bytes], object], line: bytes) -> float:
    """Return the shortest time of several tries on the processor."""
    best = float("inf")
    for _ in range(TRIES):
        started = time.thread_time()
        judge(line)
        best = min(best, time.thread_time() - started)
        if best <= LIMIT / 2:
            break
    return best


SEPARATED = (
    "$uri $request_id;$server_name,$request_method $status|$time_iso8601",
    "$uri $upstream_response_time; $status $time_iso8601 $request_method",
)
"""Formats in which other text ends a field than began it."""


def judges() -> Iterator[tuple[str, Callable[[bytes], object]]]:
    """Everything that looks at a line, by name; recognition asks the line parser of each preset."""
    for log_format in PRESETS:
        yield f"reason, {log_format.name}", log_format.line_parser().reason
        if log_format.tolerant() is not log_format:
            yield f"tolerant {log_format.name}", log_format.tolerant().line_parser().parse
    for definition in SEPARATED:
        yield f"tolerant {definition}", nginx_format("", definition).tolerant().line_parser().parse
    yield "recognition", lambda line: recognise([line])
    yield "parser", lambda line: Parser().parse(line + b"\n")
    yield "request", split_request
    yield "escaping", printable


@pytest.mark.slow
def test_the_time_a_line_of_200_kb_takes_is_linear(figure: Callable[[str], None]) -> None:
    judged = [
        (seconds(judge, line), name, unit)
        for unit, repeated in UNITS.items()
        for line in shapes(repeated)
        for name, judge in judges()
    ]
    took, name, unit = max(judged)
    figure(
        f"{len(judged):,} looks at adversarial lines of 200 KB: at most {took * 1000:.0f} ms each"
        f" ({name} of {unit}; limit {LIMIT * 1000:.0f} ms)"
    )
    assert [each for each in judged if each[0] > FAR_TOO_LONG] == []


def test_huge_values_are_not_kept_once_they_are_parsed() -> None:
    parser = PRESETS[0].columnar()

    def parse(number: int) -> None:
        huge = b"%d" % number + b"x" * 8_000
        request = COMBINED.replace(b"/report", b"/" + huge)
        stamp, zone = (COMBINED.replace(part, huge + part) for part in (b"09/May", b"0000]"))
        parser.parse(b"\n".join((request, stamp, zone, b"")))

    parse(500)  # libraries load a part of them when first used
    kept = [0]
    tracemalloc.start()
    try:
        for number in range(500):
            parse(number)
            if number in {249, 499}:
                kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # Each half would keep two megabytes at least. Now and then a table of Python's own grows by
    # one, in one of them, whatever is parsed.
    assert min(after - before for before, after in pairwise(kept)) < 500_000


# Most lines are short; of those that make a batch of ten, some are as long as a line can be.
COUNTS = st.sampled_from([1] * 60 + [30] * 30 + [3_000] * 9 + [SIZE])


@st.composite
def hostile_lines(draw: st.DrawFn) -> bytes:
    """A good or hostile line with something put in somewhere, once or very often."""
    make = draw(st.sampled_from((combined, vhost_combined, hostile_methods, without_format)))
    hostile = make(draw(st.integers(0, PAYLOADS - 1)))[:-1]
    line = draw(st.sampled_from((COMMON, COMBINED, VHOST, hostile)))
    unit = draw(st.sampled_from(list(UNITS.values())) | st.binary(min_size=1, max_size=4))
    place = draw(st.integers(0, len(line)))
    bulk = unit * -(-draw(COUNTS) // len(unit))
    return (line[:place] + bulk + line[place:]).replace(b"\n", b"")


@pytest.mark.slow
def test_ten_thousand_generated_lines_raise_nothing(figure: Callable[[str], None]) -> None:
    times: list[float] = []

    @settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(hostile_lines(), min_size=10, max_size=10))
    def judge(lines: list[bytes]) -> None:
        chunk = b"".join(line + b"\n" for line in lines)
        for batch in (Parser().parse(chunk), PRESETS[0].columnar().parse(chunk)):
            assert len(batch) + batch.unparsed + batch.others == len(lines)
        assert all(len(printable(line)) >= len(line.decode(errors="ignore")) for line in lines)
        times.extend(seconds(judged_by_all, line) for line in lines)

    judge()
    assert len(times) >= 10_000
    figure(f"{len(times):,} generated hostile lines: at most {max(times) * 1000:.0f} ms each")
    assert max(times) <= FAR_TOO_LONG


def judged_by_all(line: bytes) -> None:
    """Let every preset say what a line is, and why it is none."""
    recognise([line])
    for log_format in PRESETS:
        log_format.line_parser().reason(line)
