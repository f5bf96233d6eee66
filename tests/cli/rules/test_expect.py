"""`logmon-tui rules expect` holds rules to the incidents that they must find."""

from pathlib import Path

import pytest

from logmon_tui.docs.topics import FOLDER
from tests.cli.rules.story import line, run
from tests.traffic import START

EXPECTED = """\
settings = "config.toml"

[[test]]
name = "a failing API"
log = "access.log"

[[test.incident]]
rule = "api-errors"
subject = "/api"
fires = 2026-11-21T12:05:49Z
recovers = 2026-11-21T12:08:19Z
severity = "critical"

[[test.incident]]
rule = "noisy"
subject = "10.9.9.9"
fires = 606
recovers = 663

[[test]]
name = "only the API"
log = "access.log"
rules = ["api-*"]

[[test.incident]]
rule = "api-errors"
subject = "/api"
fires = 2026-11-21T13:05:49+01:00
"""


@pytest.fixture
def expected(log: Path, rules: Path) -> Path:
    assert log.parent == rules.parent
    path = log.parent / "expected.toml"
    path.write_text(EXPECTED)
    return path


def test_what_is_found_as_expected_is_ok(expected: Path) -> None:
    result = run("expect", expected)
    assert result.output == f"{expected}: ok, 2 tests\n"
    assert result.exit_code == 0


def test_what_differs_is_told_side_by_side(expected: Path) -> None:
    wrong = EXPECTED.replace("recovers = 663", "recovers = 662")
    wrong = wrong.replace('subject = "/api"\nfires = 2026-11-21T13', "fires = 2026-11-21T13")
    expected.write_text(wrong)
    result = run("expect", expected)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "a failing API: failed; - is missing, + was not expected",
        "  - noisy  10.9.9.9  2026-11-21T12:10:06Z (606)  to 2026-11-21T12:11:02Z (662)",
        "  + noisy  10.9.9.9  2026-11-21T12:10:06Z (606)  to 2026-11-21T12:11:03Z (663)  critical",
        "only the API: failed; - is missing, + was not expected",
        "  - api-errors  all traffic  2026-11-21T12:05:49Z (349)",
        "  + api-errors  /api  2026-11-21T12:05:49Z (349)  to 2026-11-21T12:08:19Z (499)  critical",
        f"{expected}: 2 of 2 tests failed",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('severity = "critical"', 'severity = "warning"'),
        ("recovers = 663", "recovers = false"),
        ("fires = 606", "fires = 605"),
        ('rule = "noisy"', 'rule = "api-errors"'),
        ('subject = "10.9.9.9"', 'subject = "10.9.9.8"'),
        ('rules = ["api-*"]', ""),
    ],
)
def test_each_difference_fails(expected: Path, before: str, after: str) -> None:
    assert before in EXPECTED
    expected.write_text(EXPECTED.replace(before, after))
    assert run("expect", expected).exit_code == 1


def test_what_still_fires_at_the_end_can_be_expected_of_lines(rules: Path) -> None:
    rules.write_text('[rules.any]\nmetric = "hits"\nwindow = 10\ncritical = 4\nminimum-hits = 0')
    lines = "".join(line(at, "10.0.0.1", "/", 200) for at in range(8))
    expected = rules.with_name("expected.toml")
    expected.write_text(
        "settings = 'config.toml'\n[[test]]\nname = 'any'\nrules = ['any']\n"
        f"lines = '''\n{lines}'''\n[[test.incident]]\nrule = 'any'\nfires = 4\nrecovers = false\n"
    )
    result = run("expect", expected)
    assert (result.exit_code, result.output) == (0, f"{expected}: ok, 1 test\n")


def test_that_nothing_fires_can_be_expected(rules: Path) -> None:
    expected = rules.with_name("expected.toml")
    quiet = line(0, "10.0.0.1", "/", 200)
    loud = "".join(line(at, "10.9.0.1", "/", 200) for at in range(40) for _ in range(9))
    for lines, code in ((quiet, 0), (loud, 1)):
        expected.write_text(
            f"settings = 'config.toml'\n[[test]]\nname = 'q'\nlines = '''{lines}'''"
        )
        assert run("expect", expected).exit_code == code


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('log = "access.log"', "", "expected.toml:3: test[0]: needs a log or lines, one of them"),
        ("fires = 606", "", "expected.toml:14: test[0].incident[1]: needs fires"),
        ("fires = 606", "fires = 'now'", "expected.toml:17: test[0].incident[1].fires: "),
        ("recovers = 663", "recovers = true", "recovers: must be a time, seconds from"),
        ("fires = 606", "fires = 0001-01-01T00:00:00Z", "is no time of a log"),
        ('severity = "critical"', 'severity = "bad"', "known are warning, critical"),
        ('rule = "noisy"', 'rulle = "noisy"', "rulle: is not known; did you mean rule?"),
        ('rule = "noisy"', 'rule = "noise"', "the rule 'noise' is not known; did you mean noisy?"),
        ('"config.toml"', '"none.toml"', "none.toml: cannot be read: No such file or directory"),
        ('log = "access.log"', 'log = "none.log"', "none.log"),
        (EXPECTED, "[test]\nname = 'a'", "expected.toml:1: test: expected a list, not a table"),
        (EXPECTED, "test = []", "expected.toml:1: test: is empty"),
        ("settings =", "settings", "not valid TOML"),
    ],
)
def test_mistakes_are_one_line_that_tells_where(
    expected: Path, before: str, after: str, message: str
) -> None:
    assert before in EXPECTED
    expected.write_text(EXPECTED.replace(before, after, 1))
    result = run("expect", expected)
    assert message in str(result.exception) or message in result.output
    assert getattr(result.exception, "exit_code", result.exit_code) == 2


def test_hostile_subjects_are_shown_and_not_obeyed(rules: Path) -> None:
    rules.write_text('[rules.all]\nmetric = "hits"\nscope = "path"\ncritical = 5\n')
    rules.with_name("hostile.log").write_text(line(0, "10.0.0.1", "/\x1b]0", 200) * 60)
    expected = rules.with_name("expected.toml")
    expected.write_text(
        'settings = "config.toml"\n[[test]]\nname = "a\\u001bb"\nlog = "hostile.log"\n'
        '[[test.incident]]\nrule = "all"\nsubject = "\\u001b"\nfires = 3\n'
    )
    output = run("expect", expected).output
    assert "\x1b" not in output
    assert "\\x1b]0" in output
    assert "a\\x1bb: failed" in output


def test_the_example_of_the_manual_holds(expected: Path) -> None:
    """It is about the log of these tests, with the rules of these tests."""
    assert START == 1_795_262_400
    manual = (FOLDER / "rules.md").read_text()
    section = manual.partition("## Hold them to tests")[2]
    example = section.partition("```toml\n")[2].partition("```")[0]
    assert "[[test.incident]]" in example
    expected.write_text(example)
    result = run("expect", expected)
    assert (result.exit_code, result.output) == (0, f"{expected}: ok, 2 tests\n")
