"""How finely a log writes response times is known by its format and values, and shown no finer."""

import pytest

from logmon_tui.formats.detection import recognise
from logmon_tui.formats.model.hit import finest
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.naming import named_format
from tests.formats.strategies import COMBINED

SECOND, MILLISECOND, MICROSECOND = 1_000_000, 1_000, 1


def text(*times: str) -> list[bytes]:
    return [COMBINED + b" " + time.encode() for time in times]


def caddy(*times: str) -> list[bytes]:
    asked = '{"msg":"handled request","ts":1795336000,"request":{"method":"GET","uri":"/a"}'
    return [f'{asked},"status":200,"duration":{time}}}'.encode() for time in times]


def named(name: str) -> LogFormat:
    found = named_format(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "lines", "resolution"),
    [
        ("nginx_time", text("0.000"), MILLISECOND),
        ("nginx_time", text("0.001", "2.000"), MILLISECOND),
        ("combined_time_us", text("0", "2000000"), MICROSECOND),
        ("combined_time_ms", text("0", "3000"), MILLISECOND),
        ("combined_time_s", text("0"), SECOND),
        ("combined_time_s", text("0", "7"), SECOND),
        ("combined", [COMBINED], 0),
        ("caddy", caddy("0"), 0),  # only values tell
        ("caddy", caddy("0", "2"), SECOND),
        ("caddy", caddy("0", "2", "0.012"), MILLISECOND),
        ("caddy", caddy("0.012", "0.000025"), MICROSECOND),
    ],
)
def test_the_resolution_is_that_of_the_format_or_of_finer_values(
    name: str, lines: list[bytes], resolution: int
) -> None:
    chunk = b"".join(line + b"\n" for line in lines)
    parser = named(name).columnar()
    assert parser.parse(chunk).resolution == resolution
    assert parser.parse_by_lines(chunk).resolution == resolution
    assert parser.parse(chunk).select([0]).resolution == resolution


def test_the_finest_of_several_known_ones_counts() -> None:
    assert finest() == finest(0, 0) == 0
    assert finest(0, SECOND, MILLISECOND) == MILLISECOND
    chunks = [text("0.001")[0] + b"\n", text("1405")[0] + b"\n"]
    batches = [
        named(name).columnar().parse(chunk)
        for name, chunk in zip(("nginx_time", "combined_time_us"), chunks, strict=True)
    ]
    joined = HitBatch.concat(batches, [1, 1])
    assert joined.resolution == MICROSECOND


def test_lines_in_a_wrapper_and_mixtures_have_a_resolution() -> None:
    lines = text("0.000")
    compose = [b"web-1  | " + line for line in [*lines, COMBINED]]
    found = recognise(compose)
    assert found is not None
    assert found.format.name == "combined + nginx_time (docker-compose)"
    assert found.format.resolution == MILLISECOND
    batch = found.format.columnar().parse(b"\n".join([*compose, b""]))
    assert (len(batch), batch.resolution) == (2, MILLISECOND)


def test_a_header_tells_the_fields_and_so_the_resolution() -> None:
    header = b"#Fields: date time cs-method cs-uri-stem sc-status time-taken\n"
    chunk = header + b"2026-11-22 08:26:40 GET /a 200 0\n"
    assert named("w3c").columnar().parse(chunk).resolution == MILLISECOND
