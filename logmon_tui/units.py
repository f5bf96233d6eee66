"""Formats numbers, sizes, times and durations for people. Pure functions."""

from datetime import UTC, datetime

_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def count(value: float) -> str:
    """Return a whole number with commas; from a million on, as `1.2M`."""
    return f"{value:,.0f}" if value < 1_000_000 else _scaled(value)


def rate(value: float) -> str:
    """Return hits per second, with no more decimals than are useful."""
    if 0 < value < 0.095:
        return f"{value:.2f}" if value >= 0.01 else "<0.01"
    if value >= 10_000:
        return _scaled(value)
    return f"{value:,.1f}" if value < 1_000 else f"{value:,.0f}"


def plain(value: float) -> str:
    """Return `value` without needless zeros: `10`, `2.5`, `1,200`, `50k`, `1.5M`."""
    if value >= 10_000:
        return _scaled(value).replace(".0", "")
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.3g}"


def size(value: float) -> str:
    """Return bytes in at most five characters: `310k`, `1.2M`."""
    return f"{value:.0f}" if value < 1_000 else _scaled(value)


def spoken_size(value: float) -> str:
    """Return bytes with their unit: `18.2 MB`."""
    short = size(value)
    if short[-1].isdigit():
        return f"{short} B"
    return f"{short[:-1]} {short[-1]}B"


def percent(share: float) -> str:
    """Return a share in percent with one decimal; a small share is `<0.1`, never 0.0."""
    value = share * 100
    if 0 < value < 0.05:
        return "<0.1"
    if value >= 99.95:
        return "100" if share >= 1 else "99.9"
    return f"{value:.1f}"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: `48 s`, `2 m 13 s`, `1 h 04 m`, `3 d 02 h`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE:02} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} m"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR:02} h"


def rough(seconds: float) -> str:
    """Return a duration in its largest unit only: `48 s`, `2 m`, `1 h`, `3 d`."""
    return " ".join(duration(seconds).split()[:2])


def seconds(value: float, resolution: float = 0.0) -> str:
    """Return a response time in at most six characters: `87 µs`, `12 ms`, `1.24 s`, `17 min`.

    `resolution` is the precision of the log, a power of ten in seconds, 0 if not known. The text
    has no more digits than that precision: `1 ms`, `<1 ms`.
    """
    if resolution:
        multiple = round(value / resolution)
        if multiple <= 0:
            return f"<{_whole(resolution)}"
        value = multiple * resolution
        if multiple < 10 or (resolution >= 1 and value < 999.5):  # the log has no more decimals
            return _whole(value)
    if value < 0.9995:
        return _below_a_second(value) if value > 0 else "0 s"
    if value < 999.5:
        return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} s"
    hours = value / _HOUR
    return f"{value / _MINUTE:.0f} min" if value < 99.5 * _MINUTE else f"{hours:.0f} h"


def _whole(value: float) -> str:
    """Return a few seconds, milliseconds or microseconds: `7 s`, `70 ms`."""
    if value >= 0.9995:
        return f"{value:.0f} s"
    return f"{value * 1e3:.0f} ms" if value >= 0.0009995 else f"{value * 1e6:.0f} µs"


def _below_a_second(value: float) -> str:
    if value < 0.0009995:
        return f"{value * 1e6:.0f} µs" if value >= 0.0000005 else "<1 µs"
    milliseconds = value * 1e3
    return f"{milliseconds:.1f} ms" if milliseconds < 9.95 else f"{milliseconds:.0f} ms"


def window(seconds: int) -> str:
    """Return the length of a window: `10 s`, `2 min`, `1 h`, `3 d`."""
    if seconds > _DAY and not seconds % _DAY:
        return f"{seconds // _DAY} d"
    if seconds < _MINUTE or seconds % _MINUTE:
        return duration(seconds) if seconds > _MINUTE else f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return duration(seconds) if seconds % _HOUR else f"{seconds // _HOUR} h"


def clock(epoch: float) -> str:
    """Return the UTC time of day: `12:04:31`."""
    minutes, second = divmod(int(epoch) % _DAY, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"


def date_time(epoch: float) -> str:
    """Return UTC date and time: `2018-05-09 16:00:42`."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%d %H:%M:%S")


def _scaled(value: float) -> str:
    for factor, unit in _STEPS:
        # 999.95k would print as 1000k, so it already counts as 1.0M.
        if value >= factor * 0.9995:
            scaled = value / factor
            return f"{scaled:.1f}{unit}" if scaled < 100 else f"{scaled:.0f}{unit}"
    return f"{value:.0f}"
