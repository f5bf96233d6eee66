"""Recognises the format of a log from a sample of its lines.

Most logs have the first format, so mixtures and wrappers are imported where others are looked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.log_format import LogFormat, bare
from logmon_tui.formats.model.values import civil_second
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED_TIME_MS, COMBINED_TIME_S, COMBINED_TIME_US
from logmon_tui.late_patterns import late_pattern

if TYPE_CHECKING:
    from logmon_tui.formats.wrapped.wrapped_format import Wrapper

SAMPLE_LINES = 100
"""Lines at the beginning of a chunk that are tried in every format."""

_ENOUGH = 50
"""Hits from which on a unit that was inferred from values is certain."""

_MAX_LINE_BYTES = 16 * 1024
"""Longer lines are left out of the sample: they take long, and other lines show as much."""


class Recognition(msgspec.Struct, frozen=True):
    """A recognised format, and the evidence for it.

    `hits` of the `lines` examined are hits in `format`, which may be a mixture. `why` says what
    decided between formats that fit equally well; it is empty if there was no such choice.
    `runners_up` are the other formats in which lines are hits, with their number, most first.
    """

    format: LogFormat
    lines: int
    hits: int
    why: str = ""
    runners_up: tuple[tuple[str, int], ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether further lines may show another unit, because few values decided so far."""
        return bool(self.why) and self.hits < _ENOUGH


def recognise(
    lines: Iterable[bytes], formats: Sequence[LogFormat] = PRESETS, *, thorough: bool = True
) -> Recognition | None:
    """Return the format in which most of `lines` are hits, None if no line is a hit in any.

    On a tie, a format without wrapper wins, then the one that comes first in `formats`. Values
    decide between formats that differ only in a unit. If the lines have several formats that can
    be mixed, the result is their mixture. Unless it is to be `thorough`, it tells no runners-up
    where all lines are hits in one format.
    """
    sample = [line for line in lines if 0 < len(line) <= _MAX_LINE_BYTES]
    if thorough:  # no line of another format reads as the first one
        whole = _fitting(sample, islice(formats, 1))
    else:
        whole = _fitting(sample, formats) or _fitting_wrapped(sample, formats)
    if whole is not None:
        usual, why = _by_unit(whole.format, whole.lines, formats)
        return Recognition(_wrapped(whole.wrappers, usual), len(sample), len(sample), why)
    found = _unwrapped_candidates(sample, formats)
    if not any(each.hits == len(sample) and not each.takes_wrappers for each in found):
        found += _wrapped_candidates(sample, formats, {each.format: each.hits for each in found})
    if not found:
        return None
    from logmon_tui.formats.delimited.variant_format import mixed

    found.sort(key=lambda each: (-each.hits, each.takes_wrappers, len(each.wrappers)))
    best = found[0]
    usual, why = _by_unit(best.format, best.lines, formats)
    further, hits = _further_formats(usual, best.lines, formats)
    log_format = _wrapped(best.wrappers, reduce(mixed, further, usual))
    read = {_wrapped(best.wrappers, each).name for each in (usual, *further)}
    others = tuple((each.name, each.hits) for each in found if each.name not in read)
    return Recognition(log_format, len(sample), best.hits + hits, why, others)


class _Candidate(msgspec.Struct, frozen=True):
    """A format with `wrappers`; `hits` of `lines`, the unwrapped sample, are hits in it."""

    format: LogFormat
    hits: int
    lines: Sequence[bytes]
    wrappers: "tuple[Wrapper, ...]" = ()

    @property
    def name(self) -> str:
        return _wrapped(self.wrappers, self.format).name

    @property
    def takes_wrappers(self) -> bool:
        return _takes_wrappers(self.format)


def _takes_wrappers(log_format: LogFormat) -> bool:
    """Tell whether a format may mistake the prefix of a logger for a virtual host."""
    if not isinstance(log_format, DelimitedFormat):
        return False
    return log_format.tokens[0].field is Field.VIRTUAL_HOST


def _fitting(lines: Sequence[bytes], formats: Iterable[LogFormat]) -> _Candidate | None:
    """Return the first format in which all lines are hits, and which no other can outdo."""
    for log_format in formats if lines else ():
        if not _takes_wrappers(log_format):
            parse = log_format.line_parser().parse
            if all(parse(line) is not None for line in lines):
                return _Candidate(log_format, len(lines), lines)
    return None


def _fitting_wrapped(lines: Sequence[bytes], formats: Sequence[LogFormat]) -> _Candidate | None:
    """Return the same after removing one wrapper, if no format fits all lines without that."""
    if any(line.startswith(b"{") for line in lines):  # generic JSON may fit them without
        return None
    from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, unwrapped_lines

    for wrapper in WRAPPERS:
        inside, _ = unwrapped_lines(wrapper, lines)
        if inside != lines and len(inside) == len(lines):
            found = _fitting(inside, formats)
            if found is not None:
                return msgspec.structs.replace(found, wrappers=(wrapper,))
    return None


def _unwrapped_candidates(lines: Sequence[bytes], formats: Sequence[LogFormat]) -> list[_Candidate]:
    """Return the formats in which lines are hits without unwrapping; generic JSON comes last."""
    objects = [line for line in lines if line.startswith(b"{")]
    if objects:
        from logmon_tui.formats.json.json_names import generic_json  # other logs do not need it

        named = generic_json(objects)
        formats = formats if named is None else [*formats, named]
    return _candidates(formats, lines)


def _candidates(formats: Iterable[LogFormat], lines: Sequence[bytes]) -> list[_Candidate]:
    """Return those of `formats` in which any of `lines` are hits."""
    counts = [(log_format, _count(log_format, lines)) for log_format in formats]
    return [_Candidate(log_format, hits, lines) for log_format, hits in counts if hits]


def _wrapped_candidates(
    lines: Sequence[bytes], formats: Sequence[LogFormat], plain: Mapping[LogFormat, int]
) -> list[_Candidate]:
    """Return the formats in which more lines are hits after removing one or two wrappers."""
    from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, unwrapped_lines

    found: list[_Candidate] = []
    for outer in WRAPPERS:
        inside, _ = unwrapped_lines(outer, lines)
        if inside == lines:
            continue
        around: list[tuple[tuple[Wrapper, ...], Sequence[bytes]]] = [((outer,), inside)]
        if all(each.takes_wrappers for each in _unwrapped_candidates(inside, formats)):
            deeper = (((outer, each), unwrapped_lines(each, inside)[0]) for each in WRAPPERS)
            around += [(wrappers, texts) for wrappers, texts in deeper if texts != inside]
        found += [
            msgspec.structs.replace(each, wrappers=wrappers)
            for wrappers, texts in around
            for each in _unwrapped_candidates(texts, formats)
            if each.hits > plain.get(each.format, 0)
        ]
    return found


def _wrapped(wrappers: "Sequence[Wrapper]", log_format: LogFormat) -> LogFormat:
    if not wrappers:
        return log_format
    from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat

    for wrapper in reversed(wrappers):
        log_format = WrappedFormat.of(wrapper, log_format)
    return log_format


def _count(log_format: LogFormat, lines: Iterable[bytes]) -> int:
    """Return how many of `lines` are hits."""
    return sum(1 for _ in hits_of(log_format, lines))


def hits_of(log_format: LogFormat, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Hit]]:
    """Yield each line that is a hit, with the hit; headers among the lines change the format."""
    parser = log_format.line_parser()
    for line in lines:
        following = log_format.following(line + b"\n")
        if following is not log_format:
            log_format, parser = following, following.line_parser()
        hit = parser.parse(line)
        if hit is not None:
            yield line, hit


def _further_formats(
    log_format: LogFormat, lines: Sequence[bytes], formats: Sequence[LogFormat]
) -> tuple[list[LogFormat], int]:
    """Return the formats of the lines that are no hits in `log_format`, and the hits in them.

    Virtual hosts may share a log, each with its own format. No preset misreads a line of another.
    """
    from logmon_tui.formats.delimited.variant_format import MAX_MIXED_FORMATS, mixable

    further: list[LogFormat] = []
    count = 0
    others = [each for each in formats if mixable(each)] if mixable(log_format) else []
    left = [line for line in lines if LIKELY().search(line)]
    while others and len(further) + 1 < MAX_MIXED_FORMATS:
        parser = log_format.line_parser()
        left = [line for line in left if parser.parse(line) is None]
        found = _candidates(others, left)
        if not found:
            break
        best = max(found, key=lambda each: (each.hits, not each.takes_wrappers))
        log_format, _ = _by_unit(best.format, left, formats)
        further.append(log_format)
        count += best.hits
    return further, count


_MAX_USUAL_SECONDS = 100
"""A time from this on is in milliseconds: no request should take so many seconds."""


def _by_unit(
    log_format: LogFormat, lines: Sequence[bytes], formats: Sequence[LogFormat]
) -> tuple[LogFormat, str]:
    """Choose between the formats that differ only in their unit of time, by the values.

    Returns the format and the reason; any other format comes back with an empty reason.
    """
    units = (COMBINED_TIME_US, COMBINED_TIME_MS, COMBINED_TIME_S)
    if log_format not in units or not all(each in formats for each in units):
        return log_format, ""
    known = [hit.response_time for _, hit in hits_of(COMBINED_TIME_US, lines)]
    times = [time for time in known if time >= 0]
    zeros = times.count(0)
    if not zeros:
        found, why = COMBINED_TIME_US, "no request took 0: microseconds"
    elif max(times) >= _MAX_USUAL_SECONDS:
        found, why = COMBINED_TIME_MS, f"{zeros} took 0, the longest {max(times)}: milliseconds"
    else:
        found, why = COMBINED_TIME_S, f"{zeros} took 0, none more than {max(times)}: seconds"
    return found, f"of {len(times)} requests {why}"


LIKELY = late_pattern(
    rb"^#Fields:|HTTP/\d|[Mm]ethod|[Ss]tatus"
    rb"|\b(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|PROPFIND|TRACE)\b"
)
"""Found in nearly every hit. Where hits are rare, only lines with it are examined closely."""

_DATED = late_pattern(rb"(\d{4}-\d\d-\d\d)[\t ](\d\d:\d\d:\d\d)[\t ]")
_TRIES = 50
"""Maximum unrecognised lines for which a `TimestampReader` looks for a format."""


class TimestampReader:
    """Reads the time of a line in any of `formats`, wrapped or not.

    In formats whose fields are named by a header elsewhere, a line that begins with date and time
    of day has that time. After `_TRIES` lines in unknown formats it recognises no new ones.
    """

    def __init__(self, formats: Iterable[LogFormat]) -> None:
        self._formats = tuple(formats)
        self._dated = any(log_format.header_mark for log_format in self._formats)
        self._parser = self._formats[0].tolerant().line_parser()
        self._tries = _TRIES

    def __call__(self, line: bytes) -> int | None:
        """Return the UTC epoch second of `line`, None if it has no time."""
        hit = self._parser.parse(line) or self._recognised(line)
        if hit is not None:
            return hit.second
        found = _DATED().match(bare(line)) if self._dated else None
        return civil_second(found[1], found[2]) if found else None

    def _recognised(self, line: bytes) -> Hit | None:
        """Return the hit that `line` is in a newly recognised format, None if it is none."""
        if not self._tries or not LIKELY().search(line):
            return None
        found = recognise([line], self._formats, thorough=False)
        if found is None:
            self._tries -= 1
            return None
        self._tries = _TRIES
        self._parser = found.format.tolerant().line_parser()
        return self._parser.parse(line)


def timestamp_reader(formats: Iterable[LogFormat]) -> Callable[[bytes], int | None]:
    """Return a function from a line to its UTC epoch second, None if it has no time."""
    return TimestampReader(formats)
