import string
import sys
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.fleet.protocol import (
    HEALTH,
    LINES,
    MAX_TEXT,
    BrokenMessageError,
    Health,
    Lines,
    decode_health,
    decode_lines,
    encode_health,
    encode_lines,
    is_name,
    subject,
)
from tests.effort import examples

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SENT = Lines(
    host="web1.example.com",
    site="eu",
    file="0123456789abcdef",
    start=100,
    end=120,
    lines=b"one\ntwo\n",
    format="combined",
    log="/var/log/nginx/access.log",
    left_out=3,
)
SUBJECT = subject(SENT.site, SENT.host, LINES)

names = st.text(st.characters(blacklist_categories=("C",)), min_size=1, max_size=40).filter(is_name)


@st.composite
def messages(draw: st.DrawFn) -> Lines:
    start = draw(st.integers(0, 2**50))
    whole = draw(st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b" "))))
    end = start + draw(st.integers(1, 2**40))
    return Lines(
        host=draw(names),
        site=draw(names | st.just("")),
        file=draw(st.text("0123456789abcdef", min_size=16, max_size=32)),
        start=start,
        end=end,
        lines=b"".join(line + b"\n" for line in whole),
        format=draw(st.sampled_from(["", "combined", "nginx-json"])),
        log=draw(st.text(string.printable[:94], max_size=40)).strip(),
        left_out=draw(st.integers(0, end - start)),
    )


@settings(max_examples=examples(200))
@given(messages())
def test_what_is_sent_arrives(sent: Lines) -> None:
    headers, body = encode_lines(sent)
    assert decode_lines(subject(sent.site, sent.host, LINES), headers, body) == sent


@settings(max_examples=examples(300))
@given(
    st.text(max_size=40) | st.just(SUBJECT),
    st.dictionaries(st.sampled_from([*encode_lines(SENT)[0], "X"]), st.text(max_size=20)),
    st.binary(max_size=200) | st.binary(max_size=200).map(zstd.compress),
)
def test_arbitrary_messages_raise_nothing_but_their_error(
    address: str, headers: dict[str, str], body: bytes
) -> None:
    headers = {**encode_lines(SENT)[0], **headers}
    try:
        decoded = decode_lines(address, headers, body)
    except BrokenMessageError as error:
        assert 0 < len(str(error)) < 100  # noqa: PT017 - either it is fine or this is raised
    else:
        assert decoded.lines in {b"", zstd.decompress(body)}


@settings(max_examples=examples(300))
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda each: st.lists(each, max_size=3)
    ).map(lambda value: encode_json({"host": value, "protocol": value, "at": value}))
)
def test_arbitrary_health_raises_nothing_but_its_error(body: bytes) -> None:
    try:
        decode_health("logmon.v1.eu.web1.health", body)
    except BrokenMessageError as error:
        assert 0 < len(str(error)) < 100  # noqa: PT017


def encode_json(value: object) -> bytes:
    import msgspec

    return msgspec.json.encode(value)


@dataclass(frozen=True)
class Lie:
    header: str
    value: str
    reason: str


LIES = [
    Lie("Logmon-Protocol", "3", "its protocol is 3, not 1; update the dashboard"),
    Lie("Logmon-Protocol", "", "Logmon-Protocol is missing"),
    Lie("Logmon-Host", "web2.example.com", "it is not from the host of its subject"),
    Lie("Logmon-Site", "us", "it is not from the host of its subject"),
    Lie("Logmon-Host", "web1/example/com", "it has no valid name of a host or site"),
    Lie("Logmon-Host", "web1\x1bexample com", "it has no valid name of a host or site"),
    Lie("Logmon-Codec", "gzip", "Logmon-Codec is none that is known"),
    Lie("Logmon-File", "../../etc/passwd", "Logmon-File is no id of a file"),
    Lie("Logmon-Start", "-1", "Logmon-Start is no number"),
    Lie("Logmon-Start", "١٢", "Logmon-Start is no number"),
    Lie("Logmon-Start", "9" * 19, "Logmon-Start is no number"),
    Lie("Logmon-Start", "120", "it ends before it begins"),
    Lie("Logmon-End", "100", "it ends before it begins"),
    Lie("Logmon-Lines", "3", "Logmon-Lines is not the number of its lines"),
    Lie("Logmon-Left-Out", "21", "Logmon-Left-Out is more than there can have been"),
    Lie("Logmon-Format", "x" * 129, "Logmon-Format is no name"),
    Lie("Logmon-Log", "\x1b]0;owned\x07", "Logmon-Log is no name"),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: f"{lie.header} {lie.value[:20]!a}")
def test_each_claim_of_a_header_is_checked(lie: Lie) -> None:
    headers, body = encode_lines(SENT)
    headers[lie.header] = lie.value
    with pytest.raises(BrokenMessageError) as caught:
        decode_lines(SUBJECT, headers, body)
    assert str(caught.value) == lie.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"one\ntwo\n", "its body is damaged"),
        (zstd.compress(b"one\ntwo"), "its last line has no end"),
        (zstd.compress(b"one\ntwo\n")[:-1], "its body is damaged"),
        (zstd.compress(b"one\ntwo\n") + b"more", "its body is damaged"),
        (zstd.compress(bytes(MAX_TEXT + 1)), "it unpacks to too many bytes"),
        (zstd.compress(bytes(500_000_000)), "it unpacks to too many bytes"),
        (bytes(1024 * 1024 + 1), "it is too long"),
    ],
)
def test_each_claim_of_a_body_is_checked(body: bytes, reason: str) -> None:
    headers, _ = encode_lines(SENT)
    with pytest.raises(BrokenMessageError) as caught:
        decode_lines(SUBJECT, headers, body)
    assert str(caught.value) == reason


@pytest.mark.parametrize("version", [0, 1, 2])
def test_versions_that_are_one_apart_understand_each_other(version: int) -> None:
    headers, body = encode_lines(SENT)
    headers |= {"Logmon-Protocol": str(version), "Logmon-New": "something"}
    assert decode_lines(SUBJECT, headers, body) == SENT
    told = encode_json({"protocol": version, "host": "web1", "site": "", "later": [1]})
    assert decode_health(subject("", "web1", HEALTH), told).host == "web1"


def test_health_arrives() -> None:
    health = Health(host="web1", site="eu", agent="1.0", backlog=5, newest=1e9, logs=("a", "b"))
    assert decode_health(subject("eu", "web1", HEALTH), encode_health(health)) == health


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"host": "web2"}, "it is not from the host of its subject"),
        ({"host": "web1", "protocol": 3}, "its protocol is 3, not 1; update the dashboard"),
        ({"host": "web1", "backlog": -1}, "it is no health of an agent"),
        ({"host": "web1", "message": "x" * 501}, "it is no health of an agent"),
        ({"host": "web1", "message": "\x1b[2J"}, "it holds characters that are no text"),
        ({"host": "web1", "logs": ["x"] * 101}, "it is no health of an agent"),
    ],
)
def test_each_claim_of_health_is_checked(told: dict[str, object], reason: str) -> None:
    with pytest.raises(BrokenMessageError) as caught:
        decode_health(subject("", "web1", HEALTH), encode_json(told))
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("site", "host", "expected"),
    [
        ("eu", "web1.example.com", "logmon.v1.eu.web1_example_com.lines"),
        ("", "web1", "logmon.v1._.web1.lines"),
        ("a b", "*.>", "logmon.v1.a_b.___.lines"),
        ("é", "web\n1", "logmon.v1._.web_1.lines"),
    ],
)
def test_names_become_words_of_a_subject(site: str, host: str, expected: str) -> None:
    assert subject(site, host, LINES) == expected
