"""Log lines for property tests: well-formed, mutated, and arbitrary bytes."""

from collections.abc import Sequence

from hypothesis import strategies as st

AGENT = rb"Mozilla/5.0 (X11; Linux x86_64)"
COMMON = b'127.0.0.1 - james [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 200 123'
COMBINED = COMMON + b' "http://example.org/start" "' + AGENT + b'"'
VHOST = b"www.example.org:443 " + COMBINED
LINES = (
    COMMON,
    COMBINED,
    VHOST,
    b'::1 - - [22/Nov/2026:08:26:40 -0330] "POST /api/user?x=1 HTTP/2.0" 503 - "-" "curl/8.5"',
    b'10.0.0.1 - - [31/Dec/2025:23:59:60 +0530] "-" 408 0 "-" "-"',
    rb'10.0.0.2 - - [01/Jan/2026:00:00:00 +0000] "\x16\x03\x01" 400 0 "-" "a \"quoted\" agent"',
    b'10.0.0.3 - "" [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "" ""',
    b'[::1] "-" u [01/Jan/2026:00:00:00 +0000] request 200 1 "r" "a"',
    b'5 12 "u v" [01/Jan/2026:00:00:00 +0000] "200" "GET /a HTTP/1.1" x "-"',
    b'5 12 "u v" [01/Jan/2026:00:00:00 +0000] "200" "GET /a HTTP/1.1" ',
    b"10.0.0.5 ",
    b'"GET /a HTTP/1.1" [01/Jan/2026:00:00:00 +0000] 200 - someone',
    b'- 123456789012345 "" [01/Jan/2026:00:00:00 +0000] "404" "GET //a?b HTTP/2" x "123456789"',
    b'10.0.0.4 - - [30/Feb/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"',
)

# Bytes at which two readers of the same line are likely to part company.
_TRICKY = st.sampled_from(
    (
        *(
            b'"',
            b"\\",
            b" ",
            b"\r",
            b"\n",
            b"\0",
            b"\xff",
            b"\xef\xbb\xbf",
            b"[",
            b"]",
            b"-",
            b'""',
        ),
        *(b"/", b":", b"|", b",", b".", b"+", b"-1", b"\t", b"{", b"}", b"(", b")"),
        *(b'" "', b'\\"', b"\r\n", "é".encode(), b"  ", b"9", b"x", b'" ', b' "'),
    )
)


@st.composite
def mutated(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """A real line with a few pieces put in, cut out or doubled."""
    line = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 12)))
        piece = draw(st.one_of(st.just(b""), _TRICKY, st.just(line[start:end] * 2)))
        line = line[:start] + piece + line[end:]
    return line


def lines(samples: Sequence[bytes] = LINES) -> st.SearchStrategy[bytes]:
    """Mostly lines that look like hits, some that are arbitrary."""
    changed = mutated(samples)
    return st.one_of(st.sampled_from(samples), changed, changed, st.binary(max_size=60))


def chunks(samples: Sequence[bytes] = LINES) -> st.SearchStrategy[bytes]:
    """Whole lines, each ended by a newline (a mutated line may hold newlines of its own)."""
    joined = st.lists(lines(samples), min_size=1, max_size=12).map(
        lambda parts: b"\n".join(parts) + b"\n"
    )
    return st.one_of(joined, joined.map(lambda chunk: chunk.replace(b"\n", b"\r\n")))
