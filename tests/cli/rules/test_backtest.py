"""`logmon-tui rules test` tells what rules would have found in a log."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.rules.story import RULES, line, run
from tests.traffic import START


def at(second: int) -> str:
    return datetime.fromtimestamp(START + second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_log_with_a_known_story_is_told_to_the_second(log: Path, rules: Path) -> None:
    """Twenty hits of /api are there at 319, of which half failed; 30 s later it fires.

    At 460 less than twenty are left in the window, too few for a peak, but as bad. At 479 there is
    none left, and 20 s later it ends. The peak comes just before 460, when the window begins with a
    failure: 11 of 21.
    """
    result = run("test", "--output", "json", rules, log)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    assert (told["hits"], told["unparsed"]) == (720 + 120 + 300, 0)
    assert (told["first_hit"], told["last_hit"]) == (at(0), at(719))
    assert [(each["rule"], each["times"], each["seconds"]) for each in told["rules"]] == [
        ("traffic", 0, 0),
        ("error_rate", 0, 0),
        ("ddos", 0, 0),
        ("api-errors", 1, 150),
        ("noisy", 1, 57),
        ("never", 0, 0),
    ]
    assert [each["worst"] for each in told["rules"][3:]] == ["critical", "critical", None]
    errors, noise = told["incidents"]
    assert {key: errors[key] for key in errors if key not in {"id", "message", "recovery"}} == {
        "firing": False,
        "rule": "api-errors",
        "scope": "section",
        "subject": "/api",
        "severity": "critical",
        "worst": "critical",
        "triggered_at": at(349),
        "recovered_at": at(499),
        "seconds": 150,
        "hits": 50,
        "value": 0.5,
        "peak": 0.52381,
        "peak_at": at(458),
        "labels": {},
        "runbook": "",
        "changes": [{"at": at(349), "severity": "critical"}],
    }
    assert errors["message"] == (
        "Api errors in /api generated an alert - share of 5xx = 50.0% "
        f"(above 40.0%, 50 hits in 1 min), triggered at {at(349)}"
    )
    assert errors["recovery"] == (
        "Api errors in /api recovered - share of 5xx = 0.0% (0 hits in 1 min), "
        f"recovered at {at(499)}"
    )
    assert (noise["subject"], noise["value"], noise["peak"]) == ("10.9.9.9", 35, 50)
    assert (noise["triggered_at"], noise["recovered_at"]) == (at(606), at(663))
    assert [(each["at"], each["severity"]) for each in noise["changes"]] == [
        (at(606), "warning"),
        (at(609), "critical"),
        (at(660), "warning"),
    ]
    # As it stood at the last change, since the trigger.
    assert noise["message"] == f"10.9.9.9 sent 45 (warning, team=web) at {at(606)}"


def test_the_same_is_told_as_text(log: Path, rules: Path) -> None:
    lines = run("test", rules, log).output.splitlines()
    day = at(0)[:10]
    assert lines[0] == f"{log}: 1,140 hits, {day} 12:00:00 to {day} 12:11:59 UTC"
    assert lines[2:4] == [
        f"✓ {day} 12:05:49  api-errors  /api  critical  for 2 m 30 s",
        "    50.0% at first, peak 52.4% at 12:07:38",
    ]
    assert f"✓ {day} 12:10:06  noisy  10.9.9.9  critical  for 57 s" in lines
    assert "    35 hits at first, peak 50 hits at 12:10:09" in lines
    assert [" ".join(each.split()) for each in lines[-6:]] == [
        f"traffic nothing; 1,140 hits matched; nearest to 1,000/s: 3.5/s at {day} 12:10:59",
        f"error_rate nothing; 1,140 hits matched; nearest to 90.0%: 25.1% at {day} 12:07:00",
        (
            "ddos nothing; 1,140 hits matched, of 51 clients; "
            f"nearest to 1,000/s: 2.5/s of 10.9.9.9 at {day} 12:10:59"
        ),
        (
            "api-errors once, 2 m 30 s in all, worst critical; 1,140 hits matched, of 2 sections; "
            f"worst 52.4% of /api at {day} 12:07:38"
        ),
        (
            "noisy once, 57 s in all, worst critical; 300 hits matched, of 1 client; "
            f"worst 50 hits of 10.9.9.9 at {day} 12:10:09"
        ),
        f"never nothing; 1,140 hits matched; nearest to 1,000,000 hits: 420 hits at {day} 12:10:59",
    ]


def test_what_a_rule_saw_tells_why_it_did_not_fire(log: Path, rules: Path) -> None:
    """It matched nothing, had too few hits, was never beyond, or not for long enough."""
    common = 'metric = "share"\nstatus = "5xx"\nwindow = 60\ncritical = 0.5\n'
    rules.write_text(
        "threshold = 1000\nerror-rate = 0.9\nddos-threshold = 1000\n"
        f'[rules.a-nothing]\n{common}paths = "/ap/*"\n'
        f"[rules.b-few]\n{common}minimum-hits = 500\n"
        f"[rules.c-never]\n{common}"
        f'[rules.d-short]\n{common}paths = "/api/*"\nfor = 300\n'
    )
    lines = run("test", rules, log).output.splitlines()[-5:-1]
    day = at(0)[:10]
    assert [" ".join(each.split()) for each in lines] == [
        "a-nothing nothing; no hit matched",
        "b-few nothing; 1,140 hits matched; no value, as a window had 360 of them at most",
        f"c-never nothing; 1,140 hits matched; nearest to 50.0%: 25.2% at {day} 12:07:00",
        (
            f"d-short nothing; 120 hits matched; worst 100.0% at {day} 12:07:58; "
            "beyond 50.0% for less than 5 min"
        ),
    ]
    told = json.loads(run("test", "--output", "json", rules, log).output)["rules"]
    seen = {each["rule"]: each for each in told}
    keys = ("hits", "subjects", "most_hits", "threshold", "nearest")
    assert {name: [seen[name][key] for key in keys] for name in ("a-nothing", "b-few")} == {
        "a-nothing": [0, 0, 0, 0.5, None],
        "b-few": [1_140, 1, 360, 0.5, None],
    }
    assert seen["ddos"]["nearest"] == {
        "value": 2.5,
        "hits": 300,
        "subject": "10.9.9.9",
        "at": at(659),
    }


def test_rules_of_new_subjects_tell_from_when_on_they_looked(log: Path, rules: Path) -> None:
    common = 'metric = "first_seen"\nscope = "client"\n'
    rules.write_text(
        "threshold = 1000\nerror-rate = 0.9\nddos-threshold = 1000\n"
        f'[rules.a-late]\n{common}learning = "1d"\n'
        f'[rules.b-none]\n{common}learning = "700s"\n'
        f'[rules.c-one]\n{common}learning = "500s"\nwarning = 100\n'
        f'[rules.d-never]\n{common}learning = "500s"\nwarning = 1000\n'
    )
    lines = run("test", rules, log).output.splitlines()[-4:]
    day = at(0)[:10]
    noisy = f"300 hits of 10.9.9.9 at {day} 12:10:59"
    matched = "1,140 hits matched, of 51 clients"
    assert [" ".join(each.split()) for each in lines] == [
        f"a-late nothing; {matched}; none was new: it learns for 24 h, and the log is shorter",
        f"b-none nothing; {matched}; none was new from {day} 12:11:40 on, when it had learnt",
        f"c-one once, 1 m 39 s in all, worst warning; {matched}; worst {noisy}",
        f"d-never nothing; {matched}; nearest to 1,000 hits: {noisy}",
    ]
    told = json.loads(run("test", "--output", "json", rules, log).output)["rules"]
    assert [each.get("looks_from", "none") for each in told[2:]] == [
        "none",
        None,
        at(700),
        at(500),
        at(500),
    ]


def test_rules_of_rules_tell_what_kept_them_back(log: Path, rules: Path) -> None:
    """A rule with `all` counts no hits; `unless` keeps back what is beyond its threshold."""
    rules.write_text(
        f"{RULES}"
        '[rules.both]\nall = ["api-errors", "noisy"]\n'
        '[rules.none]\nall = ["never", "traffic"]\n'
        '[rules.short]\nall = ["noisy", "loud"]\nfor = 300\n'
        '[rules.loud]\nmetric = "hits"\nwindow = 10\ncritical = 49\n'
        '[rules.hidden]\nmetric = "hits"\nscope = "client"\nmatch = "10.9.*"\nwindow = 10\n'
        'critical = 49\nunless = "noisy"\n'
    )
    lines = run("test", rules, log).output.splitlines()[-5:]
    del lines[3]  # of the rule that only serves another one
    day = at(0)[:10]
    assert [" ".join(each.split()) for each in lines] == [
        f"both nothing; at most 1 of its 2 rules fired at once, at {day} 12:05:49",
        "none nothing; none of its 2 rules fired",
        f"short nothing; all of its 2 rules fired at once for less than 5 min, at {day} 12:10:07",
        (
            f"hidden nothing; 300 hits matched, of 1 client; worst 50 hits of 10.9.9.9 at {day} "
            "12:10:09; beyond 49 hits while noisy fired"
        ),
    ]


def test_what_a_rule_of_two_scopes_saw_are_pairs(log: Path, rules: Path) -> None:
    rules.write_text(
        '[rules.pairs]\nmetric = "hits"\nby = ["client", "path"]\ncritical = 9999\n'
        'where = "client:10.9.9.9"\n'
    )
    lines = run("test", rules, log).output.splitlines()
    (told,) = [each for each in lines if each.startswith("pairs ")]
    assert "300 hits matched, of 1 pair of client and path; " in told


def test_a_log_in_which_nothing_fires_says_so(log: Path, rules: Path) -> None:
    rules.write_text("threshold = 1000\nerror-rate = 0.9\nddos-threshold = 1000")
    result = run("test", rules, log)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "nothing would have fired"
    assert json.loads(run("test", "--output", "json", rules, log).output)["incidents"] == []


def test_what_still_fires_at_the_end_of_a_log_is_told_so(log: Path, rules: Path) -> None:
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:500]))
    output = run("test", rules, log).output
    assert "12:05:49  api-errors  /api  critical  for 50 s, not recovered" in output


def test_signs_tell_what_still_fires_and_how_bad_it_is_then(log: Path, rules: Path) -> None:
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-60]))
    signs = [line[0] for line in run("test", rules, log).output.splitlines() if " noisy " in line]
    assert signs == ["▲"]
    rules.write_text(RULES.replace("critical = 45", "critical = 5000"))
    signs = [line[0] for line in run("test", rules, log).output.splitlines() if " noisy " in line]
    assert signs == ["!"]


def test_an_option_is_nearer_than_the_file(log: Path, rules: Path) -> None:
    """More than 90 hits are in the window from 330 to 449, and from 606 to 713."""
    output = run("test", "--threshold", "1.5", "--alert-window", "60", rules, log).output
    assert [each for each in output.splitlines() if each.startswith("traffic ")] == [
        (
            "traffic     2 times, 3 m 46 s in all, worst critical; 1,140 hits matched; "
            f"worst 6.0/s at {at(0)[:10]} 12:10:59"
        )
    ]


def test_hostile_subjects_are_shown_and_not_obeyed(log: Path, rules: Path) -> None:
    """The format's own escapes are no way around: a client host is whatever stands there."""
    log.write_bytes(line(0, "\x1b]0;x\x07[a]", "/", 200).encode() * 50)
    rules.write_text('[rules.all]\nmetric = "hits"\nscope = "client"\ncritical = 5\nfor = 0\n')
    output = run("test", rules, log).output
    assert "\\x1b]0;x\\x07[a]" in output
    assert "\x1b" not in output


@pytest.mark.parametrize("width", [40, 80])
def test_what_would_have_fired_is_broken_between_words(
    log: Path, rules: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(log.parent)
    output = run("test", rules, log.name, width=width).output
    assert max(map(len, output.splitlines())) <= width
    assert output.split() == run("test", rules, log.name).output.split()
