"""Where settings come from: defaults, settings file, environment, options."""

from pathlib import Path

import pytest

from tests.cli.usage.running import RunCommand, assert_one_line


class TestRoutes:
    """Rules of the user's own are checked before anything is read."""

    @pytest.mark.parametrize(
        ("pattern", "replacement", "reason"),
        [("(", "x", "missing )"), ("a(?!b)", "x", "lookaround"), ("a", r"\1", "only has 0")],
    )
    def test_one_that_cannot_be_followed_is_told(
        self, run: RunCommand, log: Path, pattern: str, replacement: str, reason: str
    ) -> None:
        command = ("report", "--routes", pattern, replacement, str(log))
        assert_one_line(run(*command), "--routes", pattern, reason)
        rules = f"{pattern} {replacement}"
        assert_one_line(run("report", str(log), LOGMON_ROUTES=rules), "LOGMON_ROUTES", reason)

    def test_the_environment_must_name_a_replacement_too(self, run: RunCommand, log: Path) -> None:
        assert_one_line(run("report", str(log), LOGMON_ROUTES="a b c"), "LOGMON_ROUTES", "'c'")

    def test_those_of_file_environment_and_options_are_taken(
        self, run: RunCommand, log: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "routes.toml"
        file.write_text("routes = [{pattern = '^/u/[^/]+', replace = '/u/:name'}]")
        assert run("report", "--config", str(file), str(log))[0] == 0
        assert run("report", "--routes", "a", "b", "--routes", "c", "d", str(log))[0] == 0
        assert run("report", str(log), LOGMON_ROUTES="a b c d", LOGMON_SECTION_DEPTH="3")[0] == 0


class TestSettingsFile:
    """Defaults < settings file < environment < options."""

    def threshold_of(self, run: RunCommand, log: Path, *arguments: str, **environment: str) -> bool:
        """Whether three hits in a window of 1 s are too many."""
        _, out, _ = run(
            *(
                "report",
                "--output",
                "csv",
                "--alert-window",
                "1",
                "--ddos-threshold",
                "99",
                *arguments,
                str(log),
            ),
            **environment,
        )
        return "alerts" in out

    def test_each_source_of_settings_beats_the_one_before(self, run: RunCommand, log: Path) -> None:
        file = log.with_name("config.toml")
        file.write_text("threshold = 2\ncss = 'unused-by-report.tcss'\n")
        assert not self.threshold_of(run, log)
        assert self.threshold_of(run, log, "--config", str(file))
        assert not self.threshold_of(run, log, "--config", str(file), LOGMON_THRESHOLD="5")
        assert self.threshold_of(run, log, "--threshold", "2", LOGMON_THRESHOLD="5")

    @pytest.mark.parametrize(("output", "start"), [("json", "{"), ("csv", "table,key,")])
    def test_the_file_says_as_what_a_report_is_printed(
        self, run: RunCommand, log: Path, output: str, start: str
    ) -> None:
        file = log.with_name("config.toml")
        file.write_text(f'output = "{output}"\n')
        code, out, error = run("report", "--config", str(file), str(log))
        assert (code, error) == (0, "")
        assert out.startswith(start)

    def test_the_users_own_file_is_found(self, run: RunCommand, log: Path, tmp_path: Path) -> None:
        file = tmp_path / "config" / "logmon-tui" / "config.toml"
        file.parent.mkdir(parents=True)
        file.write_text("threshold = 2\n")
        assert self.threshold_of(run, log)

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("threshold = 'x'", ["threshold: expected"]),
            ("alert-window = 0", ["alert_window: expected"]),
            ("treshold = 1", ["treshold: is not known; did you mean threshold?"]),
            ("show = 'traffic,nope'", ["show", "nope"]),
            ("routes = [{pattern = '(', replace = ''}]", ["routes[0]", "missing )"]),
            ("threshold = ", [":1: not valid TOML"]),
        ],
    )
    def test_errors_name_file_and_key(
        self, run: RunCommand, tmp_path: Path, text: str, parts: list[str]
    ) -> None:
        file = tmp_path / "bad.toml"
        file.write_text(text)
        assert_one_line(run("--config", str(file)), str(file), *parts)

    def test_a_missing_file_is_an_error_when_named(self, run: RunCommand) -> None:
        assert_one_line(run("--config", "/nonexistent.toml"), "/nonexistent.toml: cannot be read")
