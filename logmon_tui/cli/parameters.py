"""Types of option values that click does not have."""

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from logmon_tui.cli import in_force
from logmon_tui.config.settings import Panel
from logmon_tui.durations import read_seconds
from logmon_tui.errors import LimitError
from logmon_tui.formats.routes import OwnRoute
from logmon_tui.moments import moment_in_log

if TYPE_CHECKING:
    from logmon_tui.reports.limits import Limit


class FiniteRange(click.FloatRange):
    """A finite number in a range: `nan` and `inf` are refused."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number. Raises click's BadParameter for anything else."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number to compare with.", param, ctx)
        return number


class SecondsRange(click.IntRange):
    """Whole seconds in a range, written as a number or as a duration such as `5m`."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds. Raises click's BadParameter for anything else."""
        seconds: Any = read_seconds(value)
        if isinstance(seconds, float):
            self.fail(f"{value!r} is not a whole number of seconds.", param, ctx)
        if isinstance(seconds, str) and not seconds.lstrip("-").isdigit():
            self.fail(f"{value!r} is no duration, such as 300 or 5m.", param, ctx)
        return int(super().convert(seconds, param, ctx))


class DelaySeconds(FiniteRange):
    """Seconds, or a duration such as `5s`, up to `longest`, or the word `auto`."""

    name = "seconds"

    def __init__(self, longest: float) -> None:
        super().__init__(min=0, max=longest)

    def convert(  # type: ignore[override]  # the word is one more value
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """Return the seconds or the word. Raises click's BadParameter for anything else."""
        if value == "auto":
            return "auto"
        try:
            return super().convert(read_seconds(value), param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is neither auto nor 0 to {self.max:g} seconds.", param, ctx)


class WallMoment(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A point in time, counted from now: `-2h` (or `2h`), `14:00`, `yesterday 14:00`, a date."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return epoch seconds. Raises click's BadParameter for an invalid value."""
        try:
            return moment_in_log(str(value), int(time.time()))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


class LogMoment(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A point in the time of a log, as it is written."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. Raises click's BadParameter if it is no moment."""
        try:
            moment_in_log(str(value), 0)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return str(value)


class LimitText(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A limit of a report, such as `5xx_share>+1%`."""

    name = "limit"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Limit":
        """Return the limit. Raises click's BadParameter if it is invalid."""
        from logmon_tui.reports.limits import parse_limit  # few reports have limits

        if not isinstance(value, str):
            return cast("Limit", value)
        try:
            return parse_limit(value)
        except LimitError as error:
            self.fail(f"{error}.", param, ctx)

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return the limits of the environment variable, which are parted by commas."""
        return [each for each in rv.split(",") if each.strip()]


class PanelNames(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """Names of panels, separated by commas; own ones of the settings file too."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the panels named. Raises click's BadParameter for an unknown name."""
        if isinstance(value, tuple):
            return value
        file = None if ctx is None else in_force.file_read(ctx)
        own = () if file is None else file.settings.panels
        known = [*(panel.value for panel in Panel), *own]
        names = [name.strip() for name in str(value).split(",") if name.strip()]
        for name in names:
            if name not in known:
                self.fail(f"{name!r} is no panel; known are {', '.join(known)}.", param, ctx)
        if not names:
            self.fail(f"names no panel; known are {', '.join(known)}.", param, ctx)
        return tuple(names)


class OwnRoutePair(click.Tuple):
    """A pattern and what replaces it."""

    def __init__(self) -> None:
        super().__init__([str, str])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the route. Raises click's BadParameter for an invalid one."""
        if isinstance(value, OwnRoute):  # from a settings file, where it was checked
            return value
        route = OwnRoute(*super().convert(value, param, ctx))
        problem = route.problem()
        if problem:
            self.fail(f"{problem}.", param, ctx)
        return route

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return the words of the environment variable. Raises BadParameter for an odd number."""
        words = super().split_envvar_value(rv)
        if len(words) % 2:
            self.fail(f"in LOGMON_ROUTES {words[-1]!r} has no replacement behind it.")
        return words
