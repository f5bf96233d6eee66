"""Options of the test run, and the figures that tests measure, shown at its end."""

from collections.abc import Callable, Iterator
from functools import partial

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


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Figures(), "logmon-figures")


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
