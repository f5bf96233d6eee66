"""Options of the test run, its workers, and the figures that tests measure, shown at its end."""

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from inspect import iscoroutinefunction

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import examples

# How long an example takes depends on what else the machine does, so it says nothing.
settings.register_profile(
    "logmon",
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("logmon")

_FIGURE = "figure"
"""The property of a test's report that a figure is: with reports it comes from the workers, too."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("logmon-tui")
    group.addoption(
        "--interleavings",
        type=int,
        default=200,
        metavar="N",
        help="how many random interleavings of writing, rotating and reading to try",
    )
    group.addoption(
        "--soak-hours",
        type=float,
        default=1.5,
        metavar="H",
        help="how many hours of log time the soak test runs through",
    )

    group.addoption(
        "--kills",
        type=int,
        default=6,
        metavar="N",
        help="how many times to kill a watch in the midst of its reading",
    )
    group.addoption(
        "--begin-within",
        type=float,
        metavar="S",
        help="run what tells most first, and skip tests that have not begun within S seconds",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Let `-n auto` start two workers a core: half of the tests' time goes by in waiting.

    Each worker collects all tests on its own, so on many cores there are no more than cores.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    return max(cores, min(2 * cores, 8))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what lasts for the whole run.

    Thousands of tests and all modules are there by now. To search them over and over takes a
    tenth of the time of the tests of the screen.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Figures(), "logmon-figures")
    if (seconds := config.getoption("begin_within")) is not None:
        config.pluginmanager.register(_Budget(seconds), "logmon-budget")


class _Budget:
    """Runs what tells most first, and skips what has not begun when the time is up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: float | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Place a case of each test before the second ones, tests without a screen before all."""
        cases: Counter[str] = Counter()
        places: dict[str, tuple[bool, int]] = {}
        for item in items:
            test = item.nodeid.partition("[")[0]
            with_screen = iscoroutinefunction(getattr(item, "function", None))
            places[item.nodeid] = with_screen, cases[test]
            cases[test] += 1
        items.sort(key=lambda item: places[item.nodeid])

    def pytest_runtest_setup(self) -> None:
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + self._seconds
        if now > self._ends:
            pytest.skip(f"not begun within {self._seconds:g} s")


class _Figures:
    """Gathers figures from the reports of tests, wherever these ran, and shows them at the end."""

    def __init__(self) -> None:
        self._of_tests: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        lines = [str(line) for name, line in report.user_properties if name == _FIGURE]
        if report.when == "teardown" and lines:
            self._of_tests[report.nodeid] = lines

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        if self._of_tests:
            terminalreporter.section("figures")
        for test in sorted(self._of_tests):
            for line in self._of_tests[test]:
                terminalreporter.write_line(line)


@pytest.fixture(autouse=True, scope="session")
def _homes_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's settings and states out of the tests, and the tests' out of theirs.

    Nor does the width of the terminal that pytest runs in change what a test sees.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Note a line of what was measured, to be shown when the tests have run."""
    return partial(record_property, _FIGURE)
