"""How a column of the traffic graph is divided: shares in eighths, and cells of two colours."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from logmon_tui.tui.paint import chart, stack
from logmon_tui.tui.paint.cells import EIGHTHS_HIGH

SERVER, CLIENT, REDIRECTED, ANSWERED, _ = stack.PARTS
HITS = st.lists(st.integers(0, 400), min_size=5, max_size=5).map(tuple)
HEIGHTS = st.integers(1, 20)
RATES = st.lists(st.floats(0, 1e6), min_size=5, max_size=5).map(tuple)


def shares(rates: chart.Rates, whole: int) -> list[float]:
    return [rate / sum(rates) * whole for rate in rates]


def drawn(column: stack.Column) -> Counter[int]:
    """Return how many eighths of each class the cells show."""
    counts = Counter[int]()
    for cell in column.cells:
        filled = EIGHTHS_HIGH.index(cell.glyph)
        counts[cell.part] += filled
        if cell.behind is not None:
            counts[cell.behind] += 8 - filled
    return counts


@given(RATES, HEIGHTS, st.floats(0.01, 1))
def test_the_eighths_of_all_classes_make_the_height(
    rates: chart.Rates, height: int, full: float
) -> None:
    total = sum(rates)
    top = max(1.0, total) / full
    whole = sum(stack.eighths(rates, top, height))
    assert whole == (max(1, round(total / top * height * 8)) if total else 0)
    assert sum(drawn(stack.column(rates, top, height)).values()) == whole


@given(HITS, HEIGHTS)
def test_each_class_is_within_an_eighth_of_its_share(rates: chart.Rates, height: int) -> None:
    """Only what the largest gives up for those that would not show is beyond that."""
    assume(any(rates))
    given_to = stack.eighths(rates, sum(rates), height)
    exact = shares(rates, height * 8)
    raised = sum(0 < share < 1 for share in exact)
    for part, share in enumerate(exact):
        assert given_to[part] - share < 1
        gave = given_to[part] >= max(given_to) - 1
        assert share - given_to[part] < 1 + raised * gave


@given(HITS, HEIGHTS, st.floats(0.01, 1))
def test_more_hits_are_never_fewer_eighths(rates: chart.Rates, height: int, full: float) -> None:
    assume(any(rates))
    given_to = stack.eighths(rates, sum(rates) / full, height)
    assume(sum(given_to) >= sum(rate > 0 for rate in rates))
    for one, other in product(stack.PARTS, repeat=2):
        assert rates[one] <= rates[other] or given_to[one] >= given_to[other]


@given(HITS, HEIGHTS, st.floats(0.001, 1))
def test_whatever_has_hits_gets_an_eighth_while_there_are_enough(
    rates: chart.Rates, height: int, full: float
) -> None:
    assume(any(rates))
    given_to = stack.eighths(rates, sum(rates) / full, height)
    classes = sum(rate > 0 for rate in rates)
    assert sum(eighths > 0 for eighths in given_to) == min(classes, sum(given_to))
    assert not any(eighths for rate, eighths in zip(rates, given_to, strict=True) if not rate)


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5).map(tuple), st.integers(1, 2))
def test_no_other_division_is_nearer_to_the_shares(rates: chart.Rates, height: int) -> None:
    """Compared with every division there is, where no class would be too small to show."""
    assume(any(rates))
    whole = height * 8
    exact = shares(rates, whole)
    assume(all(share >= 1 or not share for share in exact))

    def off(division: tuple[int, ...]) -> float:
        return sum(abs(n - share) for n, share in zip(division, exact, strict=True))

    near = [range(max(0, int(share) - 1), int(share) + 3) for share in exact]
    best = min(off(division) for division in product(*near) if sum(division) == whole)
    assert off(stack.eighths(rates, sum(rates), height)) == pytest.approx(best)


@given(HITS, st.integers(1, 60), st.floats(0.01, 1))
def test_classes_are_drawn_as_they_were_divided_while_there_are_cells_enough(
    rates: chart.Rates, height: int, full: float
) -> None:
    """That is a cell's edge for each class, and 2xx enough to fill the cells up."""
    assume(any(rates))
    given_to = stack.eighths(rates, sum(rates) / full, height)
    server, client, *_ = given_to
    assume(not (server and client) or server + client >= 8)
    cells = sum(-(-given_to[part] // 8) for part in stack.PARTS if part != ANSWERED)
    assume(cells * 8 + 8 <= sum(given_to))
    shown = drawn(stack.column(rates, sum(rates) / full, height))
    assert tuple(shown[part] for part in stack.PARTS) == given_to


@given(HITS, HEIGHTS, st.floats(0.01, 1))
def test_no_class_is_drawn_a_cell_off(rates: chart.Rates, height: int, full: float) -> None:
    assume(any(rates))
    top = sum(rates) / full
    column = stack.column(rates, top, height)
    given_to, shown = stack.eighths(rates, top, height), drawn(column)
    assert all(abs(shown[part] - given_to[part]) < 8 for part in stack.PARTS)


@given(HITS, HEIGHTS, st.floats(0.01, 1))
def test_the_worst_errors_show_in_the_column_or_below_it(
    rates: chart.Rates, height: int, full: float
) -> None:
    assume(any(rates))
    column = stack.column(rates, sum(rates) / full, height)
    shown = drawn(column)
    hidden = [part for part in stack.ERRORS if rates[part] and not shown[part]]
    assert column.below == (hidden[0] if hidden else None)


@given(HITS, HEIGHTS, st.floats(0.01, 1))
def test_errors_stand_on_the_axis(rates: chart.Rates, height: int, full: float) -> None:
    assume(rates[SERVER] or rates[CLIENT])
    column = stack.column(rates, sum(rates) / full, height)
    assume(sum(drawn(column).values()) >= 8)
    assert column.cells[0].part in stack.ERRORS


@pytest.mark.parametrize("height", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("server", [0, 1, 2, 3])
def test_a_steady_share_looks_steady_whatever_the_traffic(height: int, server: int) -> None:
    """So 11 % of 4xx, with few 5xx or none, in columns of every height from a cell on."""
    top = 300
    for total in range(top // height, top + 1):
        client = 0.11 * total
        rates = (float(server), client, 0.05 * total, 0.84 * total - server, 0.0)
        column = stack.column(rates, top, height)
        shown = drawn(column)
        whole = sum(shown.values())
        if whole >= 8:
            assert abs(shown[CLIENT] - 0.11 * whole) < 1.5, (total, column)
            assert column.cells[0].part == (SERVER if shown[SERVER] else CLIENT)
            assert (column.below == SERVER) == (server > 0 and not shown[SERVER])


def test_a_column_below_a_cell_has_the_colour_of_most_hits() -> None:
    column = stack.column((1.0, 11.0, 5.0, 83.0, 0.0), 400.0, 3)
    assert column == stack.Column((stack.Cell("▆", ANSWERED, None), stack.EMPTY, stack.EMPTY), 0)


def test_thin_errors_are_one_band_in_the_colour_of_the_larger() -> None:
    column = stack.column((1.0, 11.0, 0.0, 88.0, 0.0), 100.0, 3)
    assert column.cells == (
        stack.Cell("▃", CLIENT, ANSWERED),
        stack.Cell("█", ANSWERED, None),
        stack.Cell("█", ANSWERED, None),
    )
    assert column.below == SERVER


def test_redirects_begin_on_a_cells_edge() -> None:
    column = stack.column((0.0, 25.0, 25.0, 50.0, 0.0), 100.0, 3)
    assert [cell[:2] for cell in column.cells] == [
        ("▆", CLIENT),
        ("▆", REDIRECTED),
        ("█", ANSWERED),
    ]


def test_any_5xx_shows() -> None:
    column = stack.column((0.1, 0.0, 0.0, 99.0, 0.0), 100.0, 10)
    assert column.cells[0] == stack.Cell("▁", SERVER, ANSWERED)


def test_no_traffic_makes_an_empty_column() -> None:
    assert stack.column((0.0,) * 5, 1.0, 4) == stack.Column((stack.EMPTY,) * 4, None)
