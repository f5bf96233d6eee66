"""Which format a log has, told by its lines, and on what evidence."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.variant_format import MOST_MIXED, mixable, mixed
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.log_format import LogFormat, bare
from logmon_tui.formats.model.values import civil_second
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED_TIME_MS, COMBINED_TIME_S, COMBINED_TIME_US
from logmon_tui.formats.wrapped.wrapped_format import (
    WRAPPERS,
    WrappedFormat,
    Wrapper,
    unwrapped_lines,
)

SAMPLE_LINES = 100
_ENOUGH = 50

_LONGEST_LINE = 16 * 1024
"""Longer lines are not looked at: others tell as much, and sooner."""


@dataclass(frozen=True)
class Recognition:
    """`hits` of `lines` lines that are not empty are hits in `format`, which may be a mixture.

    `why` says what told it from a format that fits as well, or is empty; `runners_up` are the
    others in which lines are hits, with how many, most first.
    """

    format: LogFormat
    lines: int
    hits: int
    why: str = ""
    runners_up: tuple[tuple[str, int], ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether more lines may tell another format: it was told by few values."""
        return bool(self.why) and self.hits < _ENOUGH


def recognise(lines: Iterable[bytes], formats: Sequence[LogFormat] = PRESETS) -> Recognition | None:
    """Return the format in which the most of `lines` are hits; None when none is in any.

    Equal counts go to lines as they stand before lines in a wrapper, and then to the format that
    comes first in `formats`. Formats that differ in nothing but a unit are told apart by values.
    Where lines have several formats that can be mixed, it is the mixture of them.
    """
    sample = [line for line in lines if 0 < len(line) <= _LONGEST_LINE]
    if sample and formats and _count(formats[0], sample) == len(sample):
        return Recognition(formats[0], len(sample), len(sample))  # no other is read so by mistake
    found = _plain(sample, formats)
    if not any(each.hits == len(sample) and not each.takes_wrappers for each in found):
        found += _in_wrappers(sample, formats, {each.format: each.hits for each in found})
    if not found:
        return None
    found.sort(key=lambda each: (-each.hits, each.takes_wrappers, len(each.wrappers)))
    best = found[0]
    usual, why = _by_unit(best.format, best.lines, formats)
    forms, hits = _beside(usual, best.lines, formats)
    log_format = _wrapped(best.wrappers, reduce(mixed, forms, usual))
    read = {_wrapped(best.wrappers, form).name for form in (usual, *forms)}
    others = tuple((each.name, each.hits) for each in found if each.name not in read)
    return Recognition(log_format, len(sample), best.hits + hits, why, others)


_Wrappers = tuple[Wrapper, ...]


@dataclass(frozen=True)
class _Candidate:
    """`hits` of `lines`, what is left of a sample without `wrappers`, are hits in `format`."""

    format: LogFormat
    hits: int
    lines: Sequence[bytes]
    wrappers: _Wrappers = ()

    @property
    def name(self) -> str:
        return _wrapped(self.wrappers, self.format).name

    @property
    def takes_wrappers(self) -> bool:
        """Whether what a logger puts before a line would be taken for its virtual host."""
        log_format = self.format
        if not isinstance(log_format, DelimitedFormat):
            return False
        return log_format.tokens[0].field is Field.VIRTUAL_HOST


def _plain(lines: Sequence[bytes], formats: Sequence[LogFormat]) -> list[_Candidate]:
    """Return the formats in which lines are hits as they stand; last of JSON, by its names."""
    objects = [line for line in lines if line.startswith(b"{")]
    if objects:
        from logmon_tui.formats.json.json_names import generic_json  # which other logs need not

        named = generic_json(objects)
        formats = formats if named is None else [*formats, named]
    return _plain_of(formats, lines)


def _plain_of(formats: Iterable[LogFormat], lines: Sequence[bytes]) -> list[_Candidate]:
    """Return those of `formats` in which any of `lines` are hits."""
    counts = [(log_format, _count(log_format, lines)) for log_format in formats]
    return [_Candidate(log_format, hits, lines) for log_format, hits in counts if hits]


def _in_wrappers(
    lines: Sequence[bytes], formats: Sequence[LogFormat], plain: Mapping[LogFormat, int]
) -> list[_Candidate]:
    """Return the formats in which more lines are hits in wrappers, one or one in another."""
    found: list[_Candidate] = []
    for outer in WRAPPERS:
        inside, _ = unwrapped_lines(outer, lines)
        if inside == lines:
            continue
        around: list[tuple[_Wrappers, Sequence[bytes]]] = [((outer,), inside)]
        if all(each.takes_wrappers for each in _plain(inside, formats)):
            deeper = (((outer, each), unwrapped_lines(each, inside)[0]) for each in WRAPPERS)
            around += [(wrappers, texts) for wrappers, texts in deeper if texts != inside]
        found += [
            replace(each, wrappers=wrappers)
            for wrappers, texts in around
            for each in _plain(texts, formats)
            if each.hits > plain.get(each.format, 0)
        ]
    return found


def _wrapped(wrappers: _Wrappers, log_format: LogFormat) -> LogFormat:
    for wrapper in reversed(wrappers):
        log_format = WrappedFormat.of(wrapper, log_format)
    return log_format


def _count(log_format: LogFormat, lines: Iterable[bytes]) -> int:
    """Return how many of `lines` are hits."""
    return sum(1 for _ in hits_of(log_format, lines))


def hits_of(log_format: LogFormat, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Hit]]:
    """Yield those of `lines` that are hits, and what they tell; headers among them are followed."""
    parser = log_format.line_parser()
    for line in lines:
        following = log_format.following(line + b"\n")
        if following is not log_format:
            log_format, parser = following, following.line_parser()
        hit = parser.parse(line)
        if hit is not None:
            yield line, hit


def _beside(
    log_format: LogFormat, lines: Sequence[bytes], formats: Sequence[LogFormat]
) -> tuple[list[LogFormat], int]:
    """Return the formats of those of `lines` that are no hits, and how many are hits in them.

    Virtual hosts write into one log, each in its format. No preset misreads a line of another.
    """
    forms: list[LogFormat] = []
    count = 0
    others = [each for each in formats if mixable(each)] if mixable(log_format) else []
    left = [line for line in lines if LIKELY.search(line)]
    while others and len(forms) + 1 < MOST_MIXED:
        parser = log_format.line_parser()
        left = [line for line in left if parser.parse(line) is None]
        found = _plain_of(others, left)
        if not found:
            break
        best = max(found, key=lambda each: (each.hits, not each.takes_wrappers))
        log_format, _ = _by_unit(best.format, left, formats)
        forms.append(log_format)
        count += best.hits
    return forms, count


_LARGE = 100
"""No request should take so many seconds."""


def _by_unit(
    log_format: LogFormat, lines: Sequence[bytes], formats: Sequence[LogFormat]
) -> tuple[LogFormat, str]:
    """Return the format of those that differ only in their unit of time that fits the values."""
    units = (COMBINED_TIME_US, COMBINED_TIME_MS, COMBINED_TIME_S)
    if log_format not in units or not all(each in formats for each in units):
        return log_format, ""
    known = [hit.response_time for _, hit in hits_of(COMBINED_TIME_US, lines)]
    times = [time for time in known if time >= 0]
    zeros = times.count(0)
    if not zeros:
        found, why = COMBINED_TIME_US, "no request took 0: microseconds"
    elif max(times) >= _LARGE:
        found, why = COMBINED_TIME_MS, f"{zeros} took 0, the longest {max(times)}: milliseconds"
    else:
        found, why = COMBINED_TIME_S, f"{zeros} took 0, none more than {max(times)}: seconds"
    return found, f"of {len(times)} requests {why}"


LIKELY = re.compile(
    rb"^#Fields:|HTTP/\d|[Mm]ethod|[Ss]tatus"
    rb"|\b(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|PROPFIND|TRACE)\b"
)
"""What hardly any hit lacks: where hits are rare, only such lines are looked at closely."""

_DATED = re.compile(rb"(\d{4}-\d\d-\d\d)[\t ](\d\d:\d\d:\d\d)[\t ]")
_TRIES = 50


class TimestampReader:
    """Gives the second of a line in the format it has, of `formats`, wrapped or not.

    Where a header elsewhere says how lines are read, those that begin with date and time of day
    have that time. After many lines that have none of the formats it looks for no others.
    """

    def __init__(self, formats: Iterable[LogFormat]) -> None:
        self._formats = tuple(formats)
        self._dated = any(log_format.header_mark for log_format in self._formats)
        self._parser = self._formats[0].line_parser()
        self._tries = _TRIES

    def __call__(self, line: bytes) -> int | None:
        """Return the UTC epoch second of `line`, None if it shows none."""
        hit = self._parser.parse(line) or self._recognised(line)
        if hit is not None:
            return hit.second
        found = _DATED.match(bare(line)) if self._dated else None
        return civil_second(found[1], found[2]) if found else None

    def _recognised(self, line: bytes) -> Hit | None:
        """Return the hit that a line is in another format than the one before."""
        if not self._tries or not LIKELY.search(line):
            return None
        found = recognise([line], self._formats)
        if found is None:
            self._tries -= 1
            return None
        self._tries = _TRIES
        self._parser = found.format.line_parser()
        return self._parser.parse(line)


def timestamp_reader(formats: Iterable[LogFormat]) -> Callable[[bytes], int | None]:
    """Return a function that gives a line's UTC epoch second, None if it shows none."""
    return TimestampReader(formats)
