"""The results as tables in Markdown, narrow enough to read well in a terminal of 80 columns."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.live import Live
from tests.benchmarks.notes import Spread
from tests.benchmarks.opening import Opening
from tests.benchmarks.processes import Machine, Run, median_of, ratio
from tests.benchmarks.report import BEFORE, PLAIN, WC, Comparison, Keys, Speed
from tests.benchmarks.results import Results
from tests.benchmarks.tick import Tick

BEGIN, END = "<!-- performance -->\n", "<!-- /performance -->"
MANY_LINES = 1_000_000


def tables(results: Results) -> str:
    """Return everything that was measured, as Markdown."""
    return "\n\n".join(_parts(results)) + "\n"


def _parts(results: Results) -> Iterator[str]:
    yield _about(results.machine)
    if results.comparisons:
        yield _programs(max(results.comparisons, key=_with_others))
        yield _sizes(results.comparisons)
        yield _beside_others(results.comparisons)
    if results.variants:
        yield _variants(results.variants)
    if results.starts:
        yield _starts(results.starts)
    if results.presets:
        yield _presets(results.presets)
        yield _presets_beside_others(results.presets)
    if results.keys:
        yield _keys(results.keys)
    if results.live:
        yield _live_times(results.live)
        yield _live_costs(results.live)
    if results.opening:
        yield _opening(results.opening)
    if results.ticks:
        yield _ticks(results.ticks)


def write_tables(results: Results, page: Path) -> None:
    """Put the tables between the page's markers; raises ValueError if it has none."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"{page} has no markers {BEGIN.strip()} and {END}")
    text = f"{before}{BEGIN}\n{tables(results)}\n{END}{after}"
    page.write_text(text, encoding="utf-8")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; all columns but the first are figures, to the right."""
    lines = [heads, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    rule = ["-" * width if at == 0 else "-" * (width - 1) + ":" for at, width in enumerate(widths)]
    return "\n".join(
        "| "
        + " | ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in [heads, rule, *rows]
    )


def _about(machine: Machine) -> str:
    memory = f"{machine.memory / 2**30:.0f} GiB"
    return (
        f"On {machine.cores} cores of {machine.processor}, {memory}, {machine.system}, "
        f"Python {machine.python}:"
    )


def _with_others(comparison: Comparison) -> tuple[int, int]:
    """Rank comparisons: those with more programs first, then those of longer logs."""
    return len(comparison.speeds), comparison.lines


def _programs(comparison: Comparison) -> str:
    ours = comparison.speeds[0]
    rows = []
    for speed in comparison.speeds:
        middle = median_of(speed.runs)
        rows.append(
            [
                f"{speed.program}{_miscounted(speed)}",
                f"{middle.seconds:.2f} s",
                _per_second(speed.lines, middle.seconds),
                "" if speed is ours else f"{ratio(speed.runs, ours.runs):.3g} ×",
                f"{middle.cpu:.2f} s",
                _megabytes(middle.peak),
            ]
        )
    what = f"{_number(comparison.lines)} {comparison.format} lines ({_gigabytes(comparison.size)})"
    return _table([what, "time", "lines/s", "time / ours", "CPU", "peak memory"], rows)


def _miscounted(speed: Speed) -> str:
    return "" if speed.hits == speed.lines else f" (counted {speed.hits:,})"


def _sizes(comparisons: Sequence[Comparison]) -> str:
    """Return ours by size of the log."""
    rows = []
    before: Comparison | None = None
    for each in sorted(comparisons, key=lambda found: found.lines):
        ours = median_of(each.speeds[0].runs)
        rows.append(
            [
                _number(each.lines),
                f"{ours.seconds:.2f} s",
                f"{ours.seconds / each.lines * 1e9:,.0f} ns",
                _per_second(each.lines, ours.seconds),
                _steady(before, each),
                f"{ours.cpu:.2f} s",
                _megabytes(ours.peak),
            ]
        )
        before = each
    heads = ["report of", "time", "a line", "lines/s", "without start-up", "CPU"]
    return _table([*heads, "peak memory"], rows)


def _beside_others(comparisons: Sequence[Comparison]) -> str:
    """Return by size of the log how many times as long the others take."""
    ordered = sorted(comparisons, key=lambda found: found.lines)
    rows = [[_number(each.lines), *_beside(each), _best(each, PLAIN)] for each in ordered]
    return _table(["report of", *_BESIDE, "plain Python / ours"], rows)


def _steady(shorter: Comparison | None, longer: Comparison) -> str:
    """Return lines/s between two sizes of log, in which the start-up has no part."""
    if shorter is None or longer.lines < MANY_LINES:
        return ""
    seconds = [median_of(each.speeds[0].runs).seconds for each in (shorter, longer)]
    return _per_second(longer.lines - shorter.lines, seconds[1] - seconds[0])


_BESIDE = ("GoAccess / ours", f"ours / {WC}", "CPU before / ours")


def _beside(comparison: Comparison) -> list[str]:
    """Return how ours does beside the better GoAccess, `wc -l`, and an older version's CPU."""
    ours = comparison.speeds[0].runs
    programs = {each.program: each.runs for each in comparison.speeds}
    floor, before = programs.get(WC), programs.get(BEFORE)
    return [
        _best(comparison, "GoAccess"),
        f"{ratio(ours, floor):.3g} ×" if floor else "",
        f"{ratio(before, ours, _cpu):.3g} ×" if before else "",
    ]


def _cpu(run: Run) -> float:
    return run.cpu


def _best(comparison: Comparison, program: str) -> str:
    """Return how many times as long as ours the best of a program's settings takes."""
    ours = comparison.speeds[0].runs
    others = [each for each in comparison.speeds if each.program.startswith(program)]
    if not others:
        return ""
    best = min(others, key=lambda each: ratio(each.runs, ours))
    return f"{ratio(best.runs, ours):.3g} ×{_miscounted(best)}"


def _variants(speeds: Sequence[Speed]) -> str:
    rows = []
    for speed in speeds:
        middle = median_of(speed.runs)
        rows.append(
            [
                f"{speed.program}{_miscounted(speed)}",
                f"{middle.seconds:.2f} s",
                _per_second(speed.lines, middle.seconds),
                f"{ratio(speed.runs, speeds[0].runs):.2f} ×",
                f"{middle.cpu:.2f} s",
                _megabytes(middle.peak),
            ]
        )
    heads = [f"{_number(speeds[0].lines)} lines", "time", "lines/s", "time / first"]
    return _table([*heads, "CPU", "peak memory"], rows)


def _starts(speeds: Sequence[Speed]) -> str:
    rows = []
    for speed in speeds:
        middle = median_of(speed.runs)
        row = [f"{middle.seconds:.3f} s", f"{middle.cpu:.3f} s", _megabytes(middle.peak)]
        rows.append([speed.program, *row])
    return _table(["start", "time", "CPU", "peak memory"], rows)


def _presets(found: Sequence[Comparison]) -> str:
    rows = []
    for each in found:
        ours = each.speeds[0]
        middle = median_of(ours.runs)
        rows.append(
            [
                f"{each.format}{_miscounted(ours)}",
                f"{each.size / each.lines:.0f}",
                f"{middle.seconds:.2f} s",
                _per_second(each.lines, middle.seconds),
                f"{middle.cpu:.2f} s",
                _megabytes(middle.peak),
            ]
        )
    heads = [_of_each(found), "bytes a line", "time", "lines/s", "CPU", "peak memory"]
    return _table(heads, rows)


def _presets_beside_others(found: Sequence[Comparison]) -> str:
    rows = [[each.format, *_beside(each)] for each in found]
    return _table([_of_each(found), *_BESIDE], rows)


def _of_each(found: Sequence[Comparison]) -> str:
    return f"{_number(found[0].lines)} lines of each"


def _keys(keys: Keys) -> str:
    heads = [f"{_number(keys.lines)} lines with many keys", ""]
    more = _megabytes(keys.many_peak - keys.few_peak)
    error = abs(keys.told_hosts - keys.hosts) / keys.hosts
    rows = [
        ["distinct paths, clients", f"{keys.paths:,}, {keys.hosts:,}"],
        [
            "peak memory, beside one with few keys",
            f"+ {more}",
        ],
        ["CPU, beside one with few keys", f"{keys.many_cpu / keys.few_cpu:.2f} ×"],
        ["top ten paths and clients", "exact" if keys.top_exact else "NOT exact"],
        ["distinct clients", f"{error:.2%} off"],
        ["median, 95th percentile of response size", f"{keys.p50:.2%}, {keys.p95:.2%} off"],
    ]
    return _table(heads, rows)


def _live_times(found: Sequence[Live]) -> str:
    rows = [
        [
            _lines_written(each),
            _spread(each.lag),
            _spread(each.shown),
            _milliseconds(each.keys, each.unanswered),
        ]
        for each in found
    ]
    heads = ["lag of the picture", "line written → shown", "key → repaint"]
    return _table([_RATE, *heads], rows) + "\n\nTimes are median, 95th percentile and most."


def _live_costs(found: Sequence[Live]) -> str:
    rows = [
        [
            _lines_written(each),
            f"{each.cpu:.1%}",
            f"{each.cpu_keys:.1%}",
            f"{_megabytes(each.memory[0])} to {_megabytes(max(each.memory))}",
            f"{each.written - each.counted:,} of {each.written:,}",
        ]
        for each in found
    ]
    heads = [_RATE, "CPU of one core", "CPU with keys", "memory", "lines lost"]
    return _table(heads, rows)


_RATE = "lines/s wanted (written)"


def _lines_written(live: Live) -> str:
    return f"{live.rate:,} ({live.written_rate:,.0f})" if live.rate else "none"


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return ""
    return " / ".join(f"{each:.2f}" for each in (spread.median, spread.p95, spread.most)) + " s"


def _milliseconds(spread: Spread, unanswered: int = 0) -> str:
    times = " / ".join(f"{1e3 * each:.0f}" for each in (spread.median, spread.p95, spread.most))
    return f"{times} ms" + (f", {unanswered} unanswered" if unanswered else "")


def _opening(found: Opening) -> str:
    caught_up = "never" if found.caught_up is None else f"{found.caught_up:.1f} s"
    keys = _milliseconds(found.keys, found.unanswered)
    heads = [f"screen opened on {_gigabytes(found.size)} with `--from-start`", ""]
    rows = [
        ["first paint after the command", _spread(found.first_paint)],
        ["pictures of the progress", f"{found.pictures}"],
        [f"key → repaint meanwhile ({found.keys.count})", keys],
        ["caught up after the command", caught_up],
        ["`report` of the same", f"{found.report:.1f} s"],
    ]
    return _table(heads, rows)


def _ticks(found: Sequence[Tick]) -> str:
    windows = sorted({each.window for each in found})
    cells = {(each.rate, each.window): f"{each.tick:.2f} + {each.snapshot:.2f}" for each in found}
    rows = [
        [f"{rate:,}", *(cells.get((rate, window), "") for window in windows)]
        for rate in sorted({each.rate for each in found})
    ]
    heads = ["ms of a tick + of a picture; hits/s", *(f"windows of {each} s" for each in windows)]
    return _table(heads, rows)


def _per_second(lines: int, seconds: float) -> str:
    rate = lines / seconds
    return f"{rate / 1e6:.2f} M" if rate >= 1e5 else f"{rate:,.0f}"


def _number(lines: int) -> str:
    return f"{lines / 1e6:g} million" if lines >= 1e6 else f"{lines:,}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB"
