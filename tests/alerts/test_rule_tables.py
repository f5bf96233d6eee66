"""Tables of the settings file become rules, or one line that names the key and what is allowed."""

from typing import Any

import msgspec
import pytest

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import builtin_rules, silence_rule
from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.alerts.rules.tables import check_slots, read_rules
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.errors import RuleError, UsageError
from tests.alerts.tables import rules_of

RATE = {"metric": "rate", "critical": 5}
NEW = {"metric": "first_seen", "scope": "client"}
SHARE = {"metric": "share", "status": "5xx", "critical": 0.5}
TIME = {"metric": "response_time", "critical": 1}
CHANGE = {"metric": "change", "when": "below", "critical": 0.1}


def test_without_tables_the_built_in_rules_are_on_and_the_shipped_ones_off() -> None:
    rules = list(rules_of().values())
    assert rules[:3] == list(builtin_rules(10, 0.05, 2.5, 120))
    assert rules[3] == silence_rule(60)
    on = ["traffic", "error_rate", "ddos", "host_silent"]
    assert [rule.name for rule in rules if rule.enabled] == on
    assert rules[4:] == list(shipped_rules(120))


@pytest.mark.parametrize("shipped", shipped_rules(120), ids=lambda rule: rule.name)
@pytest.mark.parametrize("hyphens", [False, True])
def test_a_shipped_rule_is_switched_on_and_changed_by_its_table(
    shipped: Rule, hyphens: bool
) -> None:
    written = shipped.name.replace("_", "-") if hyphens else shipped.name
    rule = rules_of(**{written: {"enabled": True, "window": 300}})[shipped.name]
    assert rule == msgspec.structs.replace(shipped, enabled=True, window=300)
    check_slots([rule], 60)
    rule_text(rule)


@pytest.mark.parametrize("shipped", shipped_rules(120), ids=lambda rule: rule.name)
def test_a_shipped_rule_stands_every_check_of_an_own_one(shipped: Rule) -> None:
    fields = {
        key: value
        for key, value in msgspec.json.decode(msgspec.json.encode(shipped)).items()
        if value not in (None, "", [], {}) and key != "name"
    }
    if shipped.metric not in {Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE}:
        del fields["quantile"]
    if shipped.metric is not Metric.CHANGE:
        del fields["against"], fields["baseline"]
    del fields["direction"], fields["days"], fields["minimum_days"]  # of what is usual
    del fields["learning"], fields["forget"]  # of what is new
    assert rules_of(own=fields)["own"] == msgspec.structs.replace(shipped, name="own")


def test_a_rule_of_new_subjects_needs_no_threshold_and_has_a_window_of_its_own() -> None:
    (rule,) = (each for each in rules_of(own=NEW).values() if each.name == "own")
    assert (rule.warning, rule.critical, rule.window) == (0.0, None, 900)
    assert (rule.learning, rule.forget) == (86_400, 30 * 86_400)
    assert rule_text(rule).startswith("hits since first seen of each client above 0 (warning) over")
    assert rule_text(rule).endswith("learns for 24 h; forgets what was not seen for 30 d")
    rule = rules_of(own=NEW | {"critical": 9, "window": 60, "learning": "7d"})["own"]
    assert (rule.warning, rule.critical, rule.window, rule.learning) == (None, 9, 60, 7 * 86_400)


def test_keys_may_have_hyphens_and_lists_may_be_one_word() -> None:
    table = {"keep-firing-for": 60, "for": 30, "paths": "/api/*", "status": [500, "4XX"]}
    rule = rules_of(**{"slow-api": RATE | table})["slow-api"]
    assert (rule.keep_firing_for, rule.for_, rule.paths) == (60, 30, ("/api/*",))
    assert rule.status == ("500", "4xx")
    assert (rule.title, rule.window) == ("Slow api", 120)


def test_a_built_in_rule_takes_all_but_what_options_say() -> None:
    tables = {
        "traffic": {"warning": 8, "for": 60, "title": "Busy"},
        "error-rate": {"minimum_hits": 100, "critical_recovery": 0.01},
        "ddos": {"enabled": False, "match": ["10.*"]},
    }
    rules = rules_of(**tables)
    traffic, ddos = rules["traffic"], rules["ddos"]
    assert (traffic.warning, traffic.critical, traffic.for_, traffic.title) == (8, 10, 60, "Busy")
    assert rules["error_rate"].minimum_hits == 100
    assert (ddos.enabled, ddos.match) == (False, ("10.*",))


@pytest.mark.parametrize(
    ("table", "key", "parts"),
    [
        ({}, "", ["needs metric", "known are rate, hits, share", "endpoint_errors"]),
        ({"metric": "rate"}, "", ["needs critical or warning"]),
        (RATE | {"metric": "speed"}, "metric", ["'speed' is not known", "known are rate, hits"]),
        (RATE | {"metric": "shares"}, "metric", ["did you mean share?"]),
        (RATE | {"metric": 5}, "metric", ["5 is not known"]),
        (RATE | {"metric": ["rate"]}, "metric", ["['rate'] is not known"]),
        (RATE | {"scope": "host"}, "scope", ["'host' is not known", "all, section, path"]),
        (RATE | {"when": "over"}, "when", ["known are above, below"]),
        (RATE | {"when": "below", "scope": "section"}, "scope", ["for ever", "match"]),
        (RATE | {"paths": ["/a", "!/b"]}, "paths", ["no pattern excludes", '"!path:/b"']),
        (
            RATE | {"scope": "client", "match": "!10.0.0.1"},
            "match",
            ["no pattern excludes", '"!client:10.0.0.1"'],
        ),
        (
            RATE | {"scope": "client", "match": "10.0.0.0/8"},
            "match",
            ["not networks", '"client:10.0.0.0/8"'],
        ),
        (
            RATE | {"scope": "section", "minimum_hits": 9, "no_data": "alert"},
            "scope",
            ["for ever", "match"],
        ),
        (RATE | {"no_data": "fine"}, "no_data", ["known are ok, keep, alert"]),
        (RATE | {"no-data": "keeps"}, "no-data", ["did you mean keep?"]),
        (CHANGE | {"against": "base"}, "against", ["known are window, baseline"]),
        (RATE | {"treshold": 1}, "treshold", ["is not known", "known keys are title, metric"]),
        (RATE | {"minimum-hit": 1}, "minimum-hit", ["did you mean minimum_hits?"]),
        (RATE | {"name": "x"}, "name", ["is not known"]),
        (RATE | {"for_": 5}, "for_", ["did you mean for?"]),
        (RATE | {"no\x1bkey": 1}, "no\\x1bkey", ["is not known"]),
        (RATE | {"min-hits": 1, "x": 1}, "min-hits", ["is not known"]),
        (RATE | {"max-incidents": 5, "max_incidents": 5}, "max_incidents", ["same as max-inc"]),
        (RATE | {"window": "5x"}, "window", ['whole seconds, as 300 or "5m", from 1', "'5x'"]),
        (RATE | {"window": 0}, "window", ["from 1 to 86,400, not 0"]),
        (RATE | {"window": 86_401}, "window", ["not 86401"]),
        (RATE | {"window": 1.5}, "window", ["not 1.5"]),
        (RATE | {"window": True}, "window", ["not true"]),
        (RATE | {"window": 10**400}, "window", ["not 1000"]),
        (RATE | {"for": -1}, "for", ["from 0 to 86,400, not -1"]),
        (RATE | {"keep_firing_for": 86_401}, "keep_firing_for", ["from 0 to 86,400"]),
        (RATE | {"renotify": 0}, "renotify", ["from 1 to 86,400"]),
        (RATE | {"max_incidents": 1_001}, "max_incidents", ["from 1 to 1,000"]),
        (RATE | {"minimum_hits": -1}, "minimum_hits", ["whole number from 0 on"]),
        (RATE | {"minimum_hits": 10**10}, "minimum_hits", ["at most 1,000,000,000"]),
        (RATE | {"critical": "5"}, "critical", ["a number from 0 on, not '5'"]),
        (RATE | {"critical": -1}, "critical", ["a number from 0 on, not -1"]),
        (RATE | {"critical": float("nan")}, "critical", ["not nan"]),
        (RATE | {"critical": float("inf")}, "critical", ["not inf"]),
        (RATE | {"critical": 10**400}, "critical", ["a number from 0 on"]),
        (RATE | {"warning": []}, "warning", ["not []"]),
        (RATE | {"title": 5}, "title", ["a text in quotes, not 5"]),
        (RATE | {"title": " "}, "title", ["must not be empty"]),
        (RATE | {"title": "a\nb"}, "title", ["printable"]),
        (RATE | {"title": "a" * 1_001}, "title", ["at most 1,000"]),
        (RATE | {"enabled": "yes"}, "enabled", ["true or false, not 'yes'"]),
        (RATE | {"match": 5, "scope": "section"}, "match", ["a pattern in quotes", "not 5"]),
        (RATE | {"match": "a"}, "match", ["scope all has none"]),
        (RATE | {"match": [""], "scope": "section"}, "match", ["none of them empty"]),
        (RATE | {"paths": ["/a"] * 101}, "paths", ["at most 100 patterns"]),
        (RATE | {"paths": ["/\x1b"]}, "paths", ["printable"]),
        (RATE | {"status": "6xy"}, "status", ["'6xy' is no status", '"404"', '"5xx"']),
        (RATE | {"status": ["5xx", "50"]}, "status", ["'50' is no status"]),
        (RATE | {"status": 1_000}, "status", ["'1000' is no status"]),
        (RATE | {"status": True}, "status", ['such as "404"', "not true"]),
        (RATE | {"status": [5.5]}, "status", ["not [5.5]"]),
        (RATE | {"status": "\x1bxx"}, "status", ["'\\x1bxx' is no status"]),
        (RATE | {"where": 5}, "where", ["a filter in quotes such as", "not 5"]),
        (RATE | {"where": "tme>1s"}, "where", ["no field; did you mean time?", "(character 1)"]),
        (RATE | {"where": "is:human @offce"}, "where", ["@offce is no saved filter"]),
        (SHARE | {"status": []}, "metric", ["share needs status"]),
        ({"metric": "share", "critical": 0.5}, "metric", ["share needs status"]),
        (SHARE | {"critical": 5}, "critical", ["5 is no share", "5 % is 0.05"]),
        (SHARE | {"critical": 1}, "critical", ["no share is ever above 1"]),
        (SHARE | {"critical": 0, "when": "below"}, "critical", ["ever below 0"]),
        (RATE | {"warning": 0, "when": "below"}, "warning", ["ever below 0"]),
        (SHARE | {"scope": "status"}, "scope", ["all of itself"]),
        ({"metric": "unparsed_share", "critical": 2}, "critical", ["2 is no share"]),
        (RATE | {"quantile": 0.5}, "quantile", ["response_size and response_time; rate has none"]),
        (TIME | {"quantile": 0}, "quantile", ["above 0, and at most 1, not 0"]),
        (TIME | {"quantile": 95}, "quantile", ["above 0, and at most 1, not 95"]),
        (RATE | {"against": "window"}, "against", ["for the metric change"]),
        (RATE | {"baseline": 60}, "baseline", ["for the metric change"]),
        (CHANGE | {"baseline": 60}, "baseline", ['needs against = "baseline"']),
        (CHANGE | {"baseline": 60, "against": "window"}, "baseline", ["needs against"]),
        (RATE | {"no_data": "alert"}, "no_data", ["0 without hits", 'when = "below"']),
        ({"metric": "clients", "critical": 5, "scope": "client"}, "scope", ["1 for one client"]),
        ({"metric": "paths", "critical": 5, "scope": "path"}, "scope", ["1 for one path"]),
        ({"metric": "first_seen"}, "metric", ["needs scope or by"]),
        ({"metric": "first_seen", "scope": "all"}, "scope", ["needs scope or by"]),
        (NEW | {"when": "below"}, "when", ["bad above a number of hits"]),
        (NEW | {"no_data": "keep"}, "no_data", ["never undefined"]),
        (NEW | {"window": "2h", "forget": "1h"}, "forget", ["at least the window, 7,200"]),
        (NEW | {"forget": "5m"}, "forget", ["whole seconds", '"1h"']),
        (NEW | {"learning": "36d"}, "learning", ['up to "35d"']),
        (NEW | {"compare": "usual"}, "metric", ["cannot be first_seen"]),
        (RATE | {"learning": 60}, "learning", ['needs metric = "first_seen"']),
        (RATE | {"forget": "1d"}, "forget", ['needs metric = "first_seen"']),
        ({"metric": "unparsed_share", "critical": 0.5, "scope": "path"}, "scope", ["all lines"]),
        ({"metric": "unparsed_share", "critical": 0.5, "paths": "/a"}, "paths", ["all lines"]),
        ({"metric": "unparsed_share", "critical": 0.5, "status": "5xx"}, "status", ["all lines"]),
        ({"metric": "unparsed_share", "critical": 0.5, "match": "5xx"}, "match", ["scope all"]),
        (RATE | {"warning": 5}, "critical", ["critical 5 must be above warning 5"]),
        (RATE | {"warning": 6}, "critical", ["critical 5 must be above warning 6"]),
        (CHANGE | {"warning": 0.05}, "critical", ["critical 0.1 must be below warning 0.05"]),
        (RATE | {"warning_recovery": 1}, "warning_recovery", ["needs warning"]),
        ({"metric": "hits", "warning": 5, "critical-recovery": 1}, "critical-recovery", ["needs"]),
        (RATE | {"critical_recovery": 6}, "critical_recovery", ["6 is above critical 5", "below"]),
        (CHANGE | {"critical_recovery": 0.05}, "critical_recovery", ["0.05 is below critical 0.1"]),
        (
            RATE | {"warning": 4, "critical_recovery": 3},
            "critical_recovery",
            ["critical would end at 3, warning sooner, at 4"],
        ),
        (
            CHANGE | {"warning": 0.5, "critical_recovery": 0.6},
            "critical_recovery",
            ["critical would end at 0.6, warning sooner, at 0.5"],
        ),
        (RATE | {"labels": "x"}, "labels", ['{team = "web"}', "not 'x'"]),
        (RATE | {"labels": {"team": 5}}, "labels", ["a table of texts"]),
        (RATE | {"labels": {"a-b": "x"}}, "labels", ["'a-b' is no name of a label"]),
        (RATE | {"labels": {"a": "x\x1b"}}, "labels", ["printable"]),
        (RATE | {"labels": {f"a{n}": "x" for n in range(21)}}, "labels", ["21 are too many"]),
        (RATE | {"message": "{valu}"}, "message", ["'{valu}' is not known; known are {rule}"]),
        (RATE | {"recovery": "100 } "}, "recovery", ["lone }"]),
        (RATE | {"message": "two\nlines"}, "message", ["printable"]),
        (RATE | {"message": 5}, "message", ["a text in quotes"]),
    ],
)
def test_what_is_wrong_with_a_table_is_named_with_its_key_and_what_is_allowed(
    table: dict[str, Any], key: str, parts: list[str]
) -> None:
    with pytest.raises(RuleError) as caught:
        rules_of(api=table)
    message = str(caught.value)
    keys = ("rules", "api", key) if key else ("rules", "api")
    assert caught.value.keys == keys
    assert message.startswith(".".join(keys) + ": ")
    assert message.isprintable()
    assert isinstance(caught.value, UsageError)
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("tables", "keys", "parts"),
    [
        ({"Api": RATE}, ("rules", "Api"), ["no name of a rule", "a-z, 0-9, _ and -"]),
        ({"a.b": RATE}, ("rules", "a.b"), ["no name"]),
        ({"\x1b": RATE}, ("rules", "\\x1b"), ["no name"]),
        ({"a" * 65: RATE}, ("rules", "a" * 65), ["64"]),
        ({"": RATE}, ("rules", ""), ["no name"]),
        ({"error_rate": {}, "error-rate": {}}, ("rules", "error-rate"), ["same as error_rate"]),
        ({"traffic": {"critical": 5}}, ("rules", "traffic", "critical"), ["is --threshold"]),
        ({"error-rate": {"critical": 5}}, ("rules", "error-rate", "critical"), ["--error-rate"]),
        ({"ddos": {"critical": 5}}, ("rules", "ddos", "critical"), ["is --ddos-threshold"]),
        ({"ddos": {"window": 5}}, ("rules", "ddos", "window"), ["is --alert-window"]),
        ({"ddos": {"scope": "path"}}, ("rules", "ddos", "scope"), ["of ddos is fixed"]),
        ({"ddos": {"metric": "hits"}}, ("rules", "ddos", "metric"), ["of ddos is fixed"]),
        ({"ddos": {"when": "below"}}, ("rules", "ddos", "when"), ["of ddos is fixed"]),
        (
            {"traffic": {"warning": 12}},
            ("rules", "traffic", "warning"),
            ["critical 10 must be", "critical is --threshold"],
        ),
        ({"traffic": {"enabled": False}}, ("rules", "traffic", "enabled"), ["--threshold"]),
        (
            {"endpoint_errors": {"critical": 0.04}},
            ("rules", "endpoint_errors", "critical"),
            ["a recovery threshold of 0.1 is above critical 0.04", "below"],
        ),
        (
            {"endpoint_errors": {"critical-recovery": 0.02}},
            ("rules", "endpoint_errors", "critical-recovery"),
            ["warning sooner, at 0.03"],
        ),
    ],
)
def test_what_does_not_fit_the_rules_there_are_is_named_too(
    tables: dict[str, dict[str, Any]], keys: tuple[str, ...], parts: list[str]
) -> None:
    with pytest.raises(RuleError) as caught:
        rules_of(**tables)
    assert caught.value.keys == keys
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (RATE | {"window": 50}, "window"),
        (RATE | {"for": 5}, "for"),
        (RATE | {"keep_firing_for": 7}, "keep_firing_for"),
        (CHANGE | {"against": "baseline", "baseline": 601}, "baseline"),
    ],
)
def test_times_must_be_whole_buckets(table: dict[str, Any], key: str) -> None:
    rule = rules_of(api=table)["api"]
    check_slots([rule], 1)
    with pytest.raises(RuleError, match=r"not a multiple of --bucket-size 60; change") as caught:
        check_slots([rule], 60)
    assert caught.value.keys == ("rules", "api", key)


@pytest.mark.parametrize(
    ("table", "warning_recovery", "critical_recovery"),
    [
        ({}, None, 0.04),
        ({"warning": 0.02}, 0.016, 0.04),
        ({"warning": 0.045}, 0.036, 0.04),
        ({"warning": 0.045, "critical_recovery": 0.03}, 0.03, 0.03),
        ({"warning": 0.045, "warning_recovery": 0.045}, 0.045, 0.045),
        ({"critical_recovery": 0.05, "keep_firing_for": 0}, None, 0.05),
    ],
)
def test_an_error_rate_is_eased_in_accord_with_what_its_table_sets(
    table: dict[str, Any], warning_recovery: float | None, critical_recovery: float
) -> None:
    rule = rules_of(error_rate=table)["error_rate"]
    assert rule.warning_recovery == (
        None if warning_recovery is None else pytest.approx(warning_recovery)
    )
    assert rule.critical_recovery == pytest.approx(critical_recovery)
    assert rule.keep_firing_for == table.get("keep_firing_for", 120)


def test_a_warning_of_traffic_ends_at_its_threshold() -> None:
    rule = rules_of(traffic={"warning": 5})["traffic"]
    assert [limit.recovery for limit in rule.limits] == [5, 10]


def test_built_in_rules_go_with_any_size_of_buckets() -> None:
    check_slots(builtin_rules(10, 0.05, 2.5, 140), 7)


def test_where_is_kept_with_what_its_names_stand_for() -> None:
    saved = {"office": "client:10.0.0.0/8,::1", "people": "is:human !@office"}
    table = RATE | {"where": "  section:/api   @people "}
    (rule,) = (each.fields["where"] for each in read_rules({"api": table}, saved))
    assert rule == "section:/api is:human !client:10.0.0.0/8,::1"
    assert "rate where section:/api !is:bot above" in rule_text(
        rules_of(api=RATE | {"where": "section:/api !is:bot"})["api"]
    )


def test_where_must_not_grow_too_long_by_its_names() -> None:
    saved = {"long": f"path:/{'a' * 15_000}"}
    with pytest.raises(RuleError) as caught:
        read_rules({"api": RATE | {"where": "@long is:bot,@long"}}, saved)
    assert "rules.api.where: with the saved filters that it names, it is longer" in str(
        caught.value
    )


def test_where_is_not_for_lines_that_are_no_hits() -> None:
    with pytest.raises(RuleError) as caught:
        rules_of(odd={"metric": "unparsed_share", "critical": 0.5, "where": "status:5xx"})
    assert "rules.odd.where: unparsed_share is measured of all lines" in str(caught.value)
