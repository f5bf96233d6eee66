r"""Wrappers: what container and system loggers add around the lines of a log.

A wrapper knows nothing of the inner format. A line without the wrapper reaches the inner format
unchanged. Each regular expression takes linear time: no two repeated parts of it can match the same
text.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.log_format import LineParser, LogFormat
from logmon_tui.late_patterns import late_pattern
from logmon_tui.native.specs import ScanWrapper

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser


class Wrapper(ABC):
    """What a logger adds around each line of a log; `name` names that logger.

    `scanned` is the wrapper's number in the native scanner. `unwrap` and `is_part` are the
    reference, to which the scanner leaves unusual lines.
    """

    name: str
    scanned: ScanWrapper

    @abstractmethod
    def unwrap(self, line: bytes) -> bytes | None:
        """Return the inner line of `line` (without its newline), None if it is not wrapped."""

    def is_part(self, line: bytes) -> bool:  # noqa: ARG002 - some wrappers override it
        """Tell whether the logger cut the inner line, so that the next line continues it."""
        return False


class _Prefix(Wrapper):
    """A wrapper that is text before each line; a byte order mark may precede it."""

    def __init__(self, name: str, scanned: ScanWrapper, pattern: bytes) -> None:
        self.name = name
        self.scanned = scanned
        self._pattern = rb"(?:\xef\xbb\xbf)?" + pattern

    # Compiled on first use, because most logs need no wrapper.
    @cached_property
    def _beginning(self) -> re.Pattern[bytes]:
        return re.compile(self._pattern)

    def unwrap(self, line: bytes) -> bytes | None:
        found = self._beginning.match(line)
        return line[found.end() :] if found else None


_INSTANT = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) "
_PRIORITY = rb"(?:<\d{1,3}>)?"
_TAG = rb'[^ \n:\["{]{1,64}(?:\[[^\] \n]{1,64}\])?: '
_COLOUR = rb"(?:\x1b\[[\d;]{0,16}m)?"


class _ContainerRuntime(_Prefix):
    """Lines that container runtimes write for Kubernetes: time, stream, `F` or `P`, text.

    github.com/kubernetes/design-proposals-archive: node/kubelet-cri-logging.md. A line with `P` is
    a part of an inner line; a line with `F` is the last part, or the whole line.
    """

    def __init__(self) -> None:
        pattern = _INSTANT + rb"(?:stdout|stderr) [FP](?::[^ \n]*)? "
        super().__init__("Kubernetes", ScanWrapper.KUBERNETES, pattern)
        self._part = re.compile(_INSTANT + rb"(?:stdout|stderr) P").match

    def is_part(self, line: bytes) -> bool:
        return self._part(line) is not None


class _DockerEntry(msgspec.Struct):
    """A line of a container's log file (docs.docker.com, json-file logging driver)."""

    log: str
    time: str


class _DockerFile(Wrapper):
    r"""`{"log":"…\n","stream":"stdout","time":"…"}`; without `\n` the next line continues it."""

    name = "Docker json-file"
    scanned = ScanWrapper.DOCKER_FILE

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(_DockerEntry).decode

    def unwrap(self, line: bytes) -> bytes | None:
        text = self._text(line)
        return None if text is None else text.removesuffix(b"\n")

    def is_part(self, line: bytes) -> bool:
        text = self._text(line)
        return text is not None and not text.endswith(b"\n")

    def _text(self, line: bytes) -> bytes | None:
        """Return the logged text; None if it has newlines inside, because Docker splits at them."""
        if not line.startswith(b"{"):
            return None
        try:
            text = self._decode(line).log.encode()
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        return text if b"\n" not in text[:-1] else None


_ESCAPED_QUOTES = late_pattern(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_DOUBLED_QUOTES = late_pattern(rb'[^"]*+(?:""[^"]*+)*+')
_ESCAPED = late_pattern(rb'\\(["\\])')


class _Quotes(Wrapper):
    r"""Quotes around the whole line; quotes inside are escaped as `\"` or `""`, or not at all."""

    name = "quotes"
    scanned = ScanWrapper.QUOTES

    def unwrap(self, line: bytes) -> bytes | None:
        line = line.removesuffix(b"\r")
        if len(line) < 2 or line[:1] != b'"' or line[-1:] != b'"':
            return None
        inside = line[1:-1]
        if _ESCAPED_QUOTES().fullmatch(inside):
            return _ESCAPED().sub(rb"\1", inside) if b'\\"' in inside else inside
        return inside.replace(b'""', b'"') if _DOUBLED_QUOTES().fullmatch(inside) else inside


WRAPPERS: tuple[Wrapper, ...] = (
    _ContainerRuntime(),
    _DockerFile(),
    # `web-1  | `; the name is coloured, and the colour ends after the bar or after the blank.
    _Prefix(
        "docker-compose",
        ScanWrapper.COMPOSE,
        _COLOUR + rb"[A-Za-z0-9][\w.-]{0,127} {1,256}\|(?:\x1b\[0m)? " + _COLOUR,
    ),
    # docs of `kubectl logs --prefix`: pod and container.
    _Prefix("kubectl", ScanWrapper.KUBECTL, rb"\[pod/[^/ \n\]]{1,253}/[^/ \n\]]{1,253}\] "),
    # RFC 5424, section 6: version 1, time, host, program, process, message, structured data.
    _Prefix(
        "syslog RFC 5424",
        ScanWrapper.RFC_5424,
        _PRIORITY
        + rb"1 (?:- |"
        + _INSTANT
        + rb")[^ \n]{1,255} [^ \n]{1,48} [^ \n]{1,128} [^ \n]{1,32} "
        + rb'(?:-|(?:\[[^ \n\]"=]{1,32}'
        + rb'(?: [^ \n\]"=]{1,32}="[^"\\\]\n]*+(?:\\.[^"\\\]\n]*+)*+")*+\])++)'
        + rb" (?:\xef\xbb\xbf)?",
    ),
    # RFC 3164, section 4, as `journalctl` prints it too; nginx can leave the host out.
    _Prefix(
        "syslog",
        ScanWrapper.RFC_3164,
        _PRIORITY + rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:[^ \n]{1,255} )??" + _TAG,
    ),
    # rsyslog's file format, and `journalctl -o short-iso`.
    _Prefix("syslog", ScanWrapper.RSYSLOG_FILE, _PRIORITY + _INSTANT + rb"[^ \n]{1,255} " + _TAG),
    _Prefix("timestamps", ScanWrapper.TIMESTAMPS, _INSTANT),
    _Quotes(),
)
"""In the order in which recognition prefers them."""


def unwrapped_lines(wrapper: Wrapper, lines: Sequence[bytes]) -> tuple[list[bytes], list[int]]:
    """Return the inner lines of `lines`, parts joined, and the numbers of the lines they end on."""
    whole: list[bytes] = []
    numbers: list[int] = []
    parts: list[bytes] = []
    for number, line in enumerate(lines):
        text = wrapper.unwrap(line)
        parts.append(line if text is None else text)
        # The continuation of the last line is in the next chunk, which is not known here.
        if number + 1 == len(lines) or not wrapper.is_part(line):
            whole.append(b"".join(parts))
            numbers.append(number)
            parts.clear()
    return whole, numbers


class WrappedFormat(LogFormat, frozen=True):
    """A format whose lines are lines of `inner`, in a wrapper or without it."""

    wrapper: Wrapper
    inner: LogFormat

    @classmethod
    def of(cls, wrapper: Wrapper, inner: LogFormat) -> "WrappedFormat":
        """Return `inner` in a wrapper; the name has both, as in `caddy (docker-compose)`."""
        around = [wrapper.name]
        innermost = inner
        while isinstance(innermost, WrappedFormat):
            around.append(innermost.wrapper.name)
            innermost = innermost.inner
        name = f"{innermost.name} ({', '.join(around)})"
        return cls(name, innermost.definition, innermost.example, wrapper, inner)

    @property
    def fields(self) -> frozenset[Field]:
        """The fields that a line of this format has."""
        return self.inner.fields

    @property
    def extra(self) -> tuple[str, ...]:
        """The names of the fields that the inner format skips."""
        return self.inner.extra

    def capturing(self, names: Sequence[str]) -> "WrappedFormat":
        """Return the format whose inner one reads the fields called `names`."""
        inner = self.inner.capturing(names)
        return self if inner is self.inner else replace(self, inner=inner)

    def tolerant(self) -> "WrappedFormat":
        """Return the format whose inner one is tolerant."""
        inner = self.inner.tolerant()
        return self if inner is self.inner else replace(self, inner=inner)

    def strict(self) -> "WrappedFormat":
        """Return the format whose inner one is strict."""
        inner = self.inner.strict()
        return self if inner is self.inner else replace(self, inner=inner)

    @property
    def resolution(self) -> int:
        """The precision of response times in microseconds, 0 if not known."""
        return self.inner.resolution

    def line_parser(self) -> "WrappedLineParser":
        """Return a parser of single lines."""
        return WrappedLineParser(self.wrapper, self.inner.line_parser())

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.wrapped.wrapped_parser import WrappedParser

        return WrappedParser(self)

    def following(self, chunk: bytes) -> LogFormat:
        """Return the format of the lines after `chunk`."""
        mark = self.innermost.header_mark
        if not mark or mark not in chunk:
            return self
        from logmon_tui.formats.wrapped.unwrapping import unwrapped

        inner = self.inner.following(unwrapped(self.wrapper, chunk).chunk)
        return self if inner is self.inner else WrappedFormat.of(self.wrapper, inner)

    @property
    def innermost(self) -> LogFormat:
        """The format inside all wrappers."""
        return self.inner.innermost if isinstance(self.inner, WrappedFormat) else self.inner


class WrappedLineParser(LineParser):
    """Parses single wrapped lines; an unparsed line is kept together with its wrapper."""

    def __init__(self, wrapper: Wrapper, inner: LineParser) -> None:
        self._wrapper = wrapper
        self._inner = inner

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        return self._inner.parse(self._inside(line))

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""
        return self._inner.reason(self._inside(line))

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line`, which is no hit, is legitimate."""
        return self._inner.is_other(self._inside(line))

    def _inside(self, line: bytes) -> bytes:
        text = self._wrapper.unwrap(line)
        return line if text is None else text
