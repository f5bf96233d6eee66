import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.agent.altered import Alteration
from logmon_tui.formats.detection import recognise
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.masking.edits import Edits
from logmon_tui.masking.masks import Masks
from tests.effort import examples

MASKS = Masks(b"0123456789abcdef")
ANONYMISE = Alteration(Edits(MASKS))
COMBINED = (
    b'192.0.2.77 - alice [29/Nov/2026:18:27:01 +0000] "GET /p?q=secret HTTP/1.1" 200 5 '
    b'"https://example.com/?from=secret" "Mozilla/5.0 (Windows NT 10.0.19.1)"\n'
)


def format_of(lines: bytes) -> LogFormat:
    found = recognise(lines.splitlines())
    assert found is not None
    return found.format


def test_without_a_wish_nothing_changes() -> None:
    assert Alteration().apply(b"anything\n\xff\n", None) == (b"anything\n\xff\n", 0)


def test_a_combined_line_keeps_its_format() -> None:
    lines, left_out = ANONYMISE.apply(COMBINED, format_of(COMBINED))
    assert left_out == 0
    assert lines.startswith(b"192.0.2.0 - ")
    assert b"alice" not in lines
    assert b"secret" not in lines
    assert b"Windows NT 10.0.19.1" in lines
    before, after = (
        format_of(COMBINED).line_parser().parse(each[:-1]) for each in (COMBINED, lines)
    )
    assert before is not None
    assert after is not None
    same = ("second", "status", "size", "user_agent")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]


EXAMPLES = [each for each in PRESETS if each.example and not each.header_mark]


@pytest.mark.parametrize("preset", EXAMPLES, ids=lambda preset: preset.name)
def test_every_preset_reads_its_masked_example(preset: LogFormat) -> None:
    line = preset.example.encode()
    alteration = Alteration(Edits(MASKS, frozenset({"user_agent", "referrer"})))
    lines, left_out = alteration.apply(line + b"\n", preset)
    assert left_out == 0
    before, after = preset.line_parser().parse(line), preset.line_parser().parse(lines[:-1])
    assert before is not None
    assert after is not None
    assert (after.second, after.status, after.method) == (
        before.second,
        before.status,
        before.method,
    )
    assert after.user_agent == b"-"
    assert before.host == b"-" or after.host != before.host or before.host.endswith(b".0")


@pytest.mark.parametrize(
    "forwarded", [b"198.51.100.7", b"198.51.100.7, 10.1.1.9", b"a=198.51.100.7"]
)
def test_addresses_that_a_proxy_forwards_are_masked(forwarded: bytes) -> None:
    line = COMBINED[:-1] + b' "%b"\n'
    log_format = format_of(line % b"-")
    assert log_format.name == "nginx_main"
    sent, left_out = ANONYMISE.apply(line % forwarded, log_format)
    assert left_out == 0
    assert b"198.51.100.0" in sent
    assert b"198.51.100.7" not in sent
    assert b"10.1.1.9" not in sent


def test_a_client_that_shifts_fields_by_quotes_keeps_no_address() -> None:
    log_format = next(preset for preset in PRESETS if preset.name == "nginx_vhost_times")
    line = log_format.example.replace('"-" "www', '"a" "b, 198.51.100.7" "www').encode()
    sent, left_out = ANONYMISE.apply(line + b"\n", log_format)
    assert left_out == 0
    assert b'"a" "b, 198.51.100.0" "www' in sent


def test_lines_that_do_not_fit_are_left_out_as_nobody_knows_what_they_hold() -> None:
    lines = COMBINED + b"192.0.2.77 said something\n"
    sent, left_out = ANONYMISE.apply(lines, format_of(COMBINED))
    assert left_out == 1
    assert sent.count(b"\n") == 1
    assert ANONYMISE.apply(lines, None) == (b"", 2)


def test_what_is_inside_wrappers_changes() -> None:
    cri = b"2026-11-29T18:27:01.123456789Z stdout F " + COMBINED
    docker = (
        json.dumps(
            {"log": COMBINED.decode(), "stream": "stdout", "time": "2026-11-29T18:27:01Z"}
        ).encode()
        + b"\n"
    )
    for line in (cri, docker):
        lines, left_out = ANONYMISE.apply(line, format_of(line))
        assert left_out == 0
        assert b"secret" not in lines
        assert b"192.0.2.0" in lines
        assert format_of(lines) == format_of(line)


def test_w3c_lines_follow_their_header() -> None:
    header = b"#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status time-taken\n"
    line = b"2026-11-29 18:27:01 192.0.2.77 alice GET /p 200 15\n"
    other = b"#Fields: date time cs-method cs-uri-stem c-ip sc-status time-taken\n"
    moved = b"2026-11-29 18:27:02 GET /p 192.0.2.78 200 15\n"
    lines, left_out = ANONYMISE.apply(header + line + other + moved, format_of(header + line))
    assert left_out == 0
    assert b"alice" not in lines
    assert lines.count(b"192.0.2.0") == 2
    assert lines.count(b"#Fields:") == 2


def test_names_of_secrets_in_json_become_pseudonyms() -> None:
    line = (
        json.dumps(
            {
                "time": "2026-11-29T18:27:01Z",
                "remote_addr": "192.0.2.77",
                "request": "GET /p?q=secret HTTP/1.1",
                "status": 200,
                "http_cookie": "session=secret",
                "upstream_addr": "10.1.2.3:80",
                "user_agent": "curl/8.1.2.3",
                "headers": {"Authorization": ["secret"]},
            }
        ).encode()
        + b"\n"
    )
    lines, left_out = ANONYMISE.apply(line, format_of(line))
    assert left_out == 0
    assert b"secret" not in lines
    assert b"192.0.2.77" not in lines
    assert b"10.1.2.3:" not in lines
    assert b"curl/8.1.2.3" in lines


def test_dropped_fields_become_a_dash() -> None:
    alteration = Alteration(Edits(dropped=frozenset({"user", "referrer"})))
    lines, _ = alteration.apply(COMBINED, format_of(COMBINED))
    assert lines == COMBINED.replace(b" alice ", b" - ").replace(
        b"https://example.com/?from=secret", b"-"
    )


def test_a_field_to_drop_that_no_line_has_is_told() -> None:
    misspelt = Alteration(Edits(dropped=frozenset({"user", "tls", "refferer"})))
    log_format = format_of(COMBINED)
    assert misspelt.note(log_format) == "has no field refferer to drop; check --drop-fields"
    assert misspelt.note(None) == ""
    assert Alteration(Edits(dropped=frozenset({"referrer", "tls"}))).note(log_format) == ""


def numbered(status: bytes, count: int = 1_000) -> bytes:
    return b"".join(
        COMBINED.replace(b" 200 ", b" %b " % status).replace(b"/p", b"/p%d" % number)
        for number in range(count)
    )


def test_a_sample_keeps_one_of_n_good_lines_and_all_others() -> None:
    sample = Alteration(sample=10)
    good, left_out = sample.apply(numbered(b"200"), format_of(COMBINED))
    assert good.count(b"\n") == 1_000 - left_out == pytest.approx(100, abs=40)
    for status in (b"500", b"404", b"301"):
        assert sample.apply(numbered(status), format_of(COMBINED)) == (numbered(status), 0)
    assert sample.apply(b"what is this\n", format_of(COMBINED)) == (b"what is this\n", 0)


def test_a_sample_is_the_same_when_lines_are_read_again() -> None:
    sample = Alteration(sample=5)
    lines = COMBINED * 1_000  # where they stand tells equal lines apart
    kept = sample.apply(lines, format_of(COMBINED), 7_000)
    assert kept.lines.count(b"\n") == pytest.approx(200, abs=80)
    assert Alteration(sample=5).apply(lines, format_of(COMBINED), 7_000) == kept


@settings(max_examples=examples(300))
@given(st.lists(st.binary(max_size=60)), st.sampled_from(PRESETS))
def test_arbitrary_lines_never_fail_and_none_gets_lost(
    lines: list[bytes], preset: LogFormat
) -> None:
    whole = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    if whole:
        sent, left_out = ANONYMISE.apply(whole, preset)
        assert sent.count(b"\n") + left_out == whole.count(b"\n")
