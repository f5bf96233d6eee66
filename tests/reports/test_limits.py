"""Limits of a report: how they are written, what is wrong with them, and how they are judged."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.errors import LimitError
from logmon_tui.reports.limits import Limit, judged, parse_limit
from logmon_tui.snapshot import CountRow, Errors, Ranking, Times, Window
from logmon_tui.snapshot.comparison import compare
from logmon_tui.snapshot.totals import METRICS
from logmon_tui.snapshot.verdicts import LimitState, Verdict

KEPT, CROSSED, UNKNOWN = LimitState.KEPT, LimitState.CROSSED, LimitState.UNKNOWN


def window(
    hits: int = 1_000, errors: int = 0, seconds: int = 100, p95: float | None = None
) -> Window:
    by_class = [0] * 10
    by_class[2], by_class[5] = hits - errors, errors
    times = None if p95 is None else Times(p95 / 2, p95, p95 * 2, p95 * 3)
    return Window(
        end=seconds,
        seconds=seconds,
        hits=hits,
        bytes=hits * 100,
        by_class=tuple(by_class),
        response_times=times,
        hosts=Ranking(distinct=hits // 10),
    )


def verdict(text: str, present: Window, baseline: Window | None = None, least: int = 20) -> Verdict:
    comparison = None if baseline is None else compare(baseline, present)
    return judged(parse_limit(text), present, comparison, least)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5xx_share>+1%", Limit("", "5xx_share", ">", Fraction(1, 100), growth=True)),
        ("4xx_share >= 2.5 %", Limit("", "4xx_share", ">=", Fraction(25, 1000))),
        ("p95>+20%", Limit("", "p95", ">", Fraction(1, 5), growth=True, relative=True)),
        ("p99<+100ms", Limit("", "p99", "<", Fraction(1, 10), growth=True)),
        ("p50>1s", Limit("", "p50", ">", Fraction(1))),
        ("p50>250µs", Limit("", "p50", ">", Fraction(1, 4000))),
        ("rate<-50%", Limit("", "rate", "<", Fraction(-1, 2), growth=True, relative=True)),
        ("rate<=0.5", Limit("", "rate", "<=", Fraction(1, 2))),
        ("hits>2k", Limit("", "hits", ">", Fraction(2_000))),
        ("bytes>1.5GB", Limit("", "bytes", ">", Fraction(1_500_000_000))),
        ("bytes_rate>+5M", Limit("", "bytes_rate", ">", Fraction(5_000_000), growth=True)),
        ("clients>+30%", Limit("", "clients", ">", Fraction(3, 10), growth=True, relative=True)),
        ("new_5xx_paths>0", Limit("", "new_5xx_paths", ">", Fraction(0))),
    ],
)
def test_a_limit_is_read(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit._replace(text=text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a metric is missing; known are hits, rate, bytes"),
        ("5xx>1%", "5xx is no metric; did you mean 5xx_share?, at '5xx>1%' (character 1)"),
        ("rtae>5", "rtae is no metric; did you mean rate?, at 'rtae>5' (character 1)"),
        ("banana>5", "banana is no metric; known are hits,"),
        ("p95", "> or < must follow, such as p95>500ms, >+100ms or >+20%, at the end"),
        (
            "p95=3s",
            "> or < must follow, such as p95>500ms, >+100ms or >+20%, at '=3s' (character 4)",
        ),
        ("p95>", "a number must follow, such as p95>500ms, >+100ms or >+20%, at the end"),
        ("p95>3", "p95 needs a unit, such as p95>500ms, >+100ms or >+20%, at the end"),
        (
            "p95>3h",
            "h is no unit of p95, such as p95>500ms, >+100ms or >+20%, at 'h' (character 6)",
        ),
        ("rate>20%", "a growth needs its sign, such as rate>50 or >+20%, at '20%' (character 6)"),
        ("5xx_share>1", "5xx_share needs a unit, such as 5xx_share>2% or >+1%, at the end"),
        (
            "5xx_share>1% p95>1s",
            "nothing may follow; repeat --fail-if for more limits, at 'p95>1s'",
        ),
        ("new_5xx_paths>+1", "new_5xx_paths takes no sign, such as new_5xx_paths>0, at '+1'"),
        ("new_5xx_paths>1%", "% is no unit of new_5xx_paths, such as new_5xx_paths>0, at '%'"),
    ],
)
def test_what_is_wrong_with_a_limit_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(LimitError) as error:
        parse_limit(text)
    assert str(error.value).startswith(problem)


@given(st.text(max_size=12) | st.text("5xpate_sharnw<>=+-0.9%mskMGB ", max_size=20))
def test_any_text_is_a_limit_or_a_limit_error(text: str) -> None:
    try:
        limit = parse_limit(text)
    except LimitError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - any text may be either
    else:
        assert limit.text == text
        assert limit.metric in text


@pytest.mark.parametrize("name", METRICS)
def test_the_example_of_every_metric_is_a_limit(name: str) -> None:
    with pytest.raises(LimitError) as error:
        parse_limit(f"{name}>")
    _, _, like = error.value.problem.partition(f"such as {name}")
    for each in like.replace(" or ", ", ").split(", "):
        assert parse_limit(f"{name}{each}").metric == name


@pytest.mark.parametrize(
    ("text", "state", "message"),
    [
        ("5xx_share>2%", CROSSED, "is 3.0 %"),
        ("5xx_share>3%", KEPT, "is 3.0 %"),
        ("5xx_share>=3%", CROSSED, "is 3.0 %"),
        ("5xx_share>+1%", CROSSED, "was 1.0 %, is 3.0 % (+2.0 points)"),
        ("5xx_share>+2%", KEPT, "was 1.0 %, is 3.0 % (+2.0 points)"),
        ("rate>+50%", CROSSED, "was 10.0 req/s, is 20.0 req/s (+100.0 %)"),
        ("rate>+100%", KEPT, "was 10.0 req/s, is 20.0 req/s (+100.0 %)"),
        ("rate>19", CROSSED, "is 20.0 req/s"),
        ("rate<-50%", KEPT, "was 10.0 req/s, is 20.0 req/s (+100.0 %)"),
        # Of a time half as long, half of the hits and bytes are expected.
        ("hits>+99%", CROSSED, "was 500, is 1,000 (+100.0 %)"),
        ("bytes>+60kB", KEPT, "was 50.0 kB, is 100 kB (+100.0 %)"),
        ("bytes>+49kB", CROSSED, "was 50.0 kB, is 100 kB (+100.0 %)"),
        ("p95>+20%", CROSSED, "was 100 ms, is 150 ms (+50.0 %)"),
        ("p95>+50ms", KEPT, "was 100 ms, is 150 ms (+50.0 %)"),
        ("p95>149ms", CROSSED, "is 150 ms"),
        ("clients>+10%", KEPT, "was 100, is 100 (0.0 %)"),
    ],
)
def test_a_limit_is_judged(text: str, state: LimitState, message: str) -> None:
    baseline, present = window(errors=10, p95=0.1), window(errors=30, seconds=50, p95=0.15)
    found = verdict(text, present, baseline)
    assert (found.limit, found.state, found.message) == (text, state, message)


def test_equal_numbers_cross_no_limit_whatever_floats_make_of_them() -> None:
    for errors in range(1, 100):
        before, now = window(hits=1_000, errors=errors), window(hits=1_000, errors=errors + 10)
        assert verdict("5xx_share>+1%", now, before).state is KEPT
        assert verdict("5xx_share>+0.999%", now, before).state is CROSSED


@pytest.mark.parametrize(
    ("text", "present", "baseline", "message"),
    [
        ("5xx_share>2%", window(19), None, "the present has 19 hits, fewer than 20"),
        ("5xx_share>+1%", window(), window(1), "the baseline has 1 hit, fewer than 20"),
        ("rate>+1%", window(), Window(), "the baseline has 0 hits, fewer than 20"),
        ("new_5xx_paths>0", window(), window(3), "the baseline has 3 hits, fewer than 20"),
        ("p95>1s", window(), None, "the present has no response times"),
        ("p95>+1%", window(p95=1), window(), "the baseline has no response times"),
        ("p95>+1%", window(p95=1), window(p95=0), "was 0 in the baseline, so there is no growth"),
    ],
)
def test_what_cannot_be_judged_says_why(
    text: str, present: Window, baseline: Window | None, message: str
) -> None:
    found = verdict(text, present, baseline)
    assert (found.state, found.message) == (UNKNOWN, message)


def test_silence_crosses_limits_of_rates() -> None:
    silent = Window(seconds=60)
    assert verdict("rate<1", silent).state is CROSSED
    assert verdict("rate<-90%", silent, window()).state is CROSSED
    assert verdict("5xx_share>1%", window(19), least=19).state is KEPT


def test_paths_that_fail_anew_are_counted() -> None:
    def rows(*rows: tuple[bytes, int, int], cut: bool = False) -> Window:
        made = tuple(CountRow(key, hits, 0, errors=Errors(0, errors)) for key, hits, errors in rows)
        hits = sum(each.hits for each in made)
        by_class = (0, 0, 0, 0, 0, sum(each[2] for each in rows) + 5 * cut, 0, 0, 0, 0)
        paths = Ranking(made, len(made) + cut, other_errors=Errors())
        return Window(seconds=10, hits=hits + 5 * cut, by_class=by_class, paths=paths)

    before = [(b"/fine", 50, 0), (b"/broken", 10, 3), (b"/gone", 5, 5)]
    now = rows((b"/fine", 50, 1), (b"/broken", 10, 9), (b"/new", 20, 6), (b"/ok", 3, 0))
    found = verdict("new_5xx_paths>1", now, rows(*before))
    message = "2 paths with 5xx that had none in the baseline"
    assert found == Verdict("new_5xx_paths>1", CROSSED, 0.0, 2.0, message)
    # Five hits of the baseline have no row: all of them may have been errors of /new.
    assert verdict("new_5xx_paths>1", now, rows(*before, cut=True)).present == 2
    fewer = rows((b"/fine", 50, 0), (b"/new", 20, 5))
    unsure = verdict("new_5xx_paths>0", fewer, rows(*before, cut=True))
    assert (unsure.state, unsure.present) == (UNKNOWN, 0)
    # Five errors of the present have no row: each may be of another path.
    rare = verdict("new_5xx_paths>1", rows((b"/fine", 50, 1), cut=True), rows(*before))
    assert (rare.state, rare.present) == (UNKNOWN, 1)
    assert rare.message == (
        "1 path with 5xx that had none in the baseline, "
        "and perhaps 5 more: too many paths to know all"
    )
    assert (
        verdict("new_5xx_paths>6", rows((b"/fine", 50, 1), cut=True), rows(*before)).state is KEPT
    )
