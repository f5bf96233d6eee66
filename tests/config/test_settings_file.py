"""The settings file: what it may say, and one line that names file and key for what it may not."""

import re
from pathlib import Path

import pytest

from logmon_tui.config.settings import Panel, Settings, check_windows
from logmon_tui.config.settings_file import check_rules, read_settings_file
from logmon_tui.errors import UsageError


def read(tmp_path: Path, text: str | bytes) -> dict[str, object]:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    file = read_settings_file(path)
    return file.values(file.given)


def test_only_what_the_file_names_is_set(tmp_path: Path) -> None:
    """So that defaults stay beneath the file, and environment and options above it."""
    assert read(tmp_path, "") == {}
    given = read(tmp_path, 'threshold = 50\nalert-window = 20\nstats_interval = 5\nformat = "x"\n')
    assert given == {"threshold": 50.0, "alert_window": 20, "stats_interval": 5, "format": "x"}
    assert type(given["threshold"]) is float


@pytest.mark.parametrize("text", ['show = "traffic,tail"', 'show = ["traffic", "tail"]'])
def test_panels_are_named_in_a_list_or_with_commas(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == {"show": (Panel.TRAFFIC, Panel.TAIL)}


def test_every_setting_can_stand_in_the_file(tmp_path: Path) -> None:
    values = {"show": '"status"', "format": '"common"', "output": '"text"', "error_rate": "0.5"}
    values |= {"css": '"a.tcss"', "theme": '"nord"', "state": '"a.sqlite"'}
    values |= {"marks": '"marks.txt"', "marks_token_file": '"token"'}
    values |= {"metrics_listen": '"127.0.0.1:9100"', "web": '"8080"', "web_url": '"http://a"'}
    values |= {f"web_{name}": '"web.pem"' for name in ("token_file", "certificate", "key")}
    values |= {"nginx_conf": '"nginx.conf"', "logs": '{"/a.log" = {format = "common"}}'}
    values["formats"] = """{own = {format = '%h %t "%r" %>s'}}"""
    values["rules"] = "{api = {metric = 'rate', critical = 5}}"
    values |= {"notify": "{}", "slo": "{shop = {objective = 0.99}}"}
    values["geoip"] = '["countries.mmdb"]'
    values["by"] = '"day"'
    values |= {"where": '"status:5xx"', "filters": '{own = "is:bot"}'}
    values["geoip"] = '["country.mmdb"]'
    values["panels"] = '{cache = {field = "upstream_cache_status"}}'
    values["ignore"] = '{where = "path:/health"}'
    values["fleet"] = '{logs = ["nats://broker:4222"], silent_after = 90}'
    values["maintenance"] = '{backup = {when = "daily 02:00-02:30"}}'
    values["history"] = '{minutes = "72h", hours = "90d", keys = 20}'
    values["routes"] = '[{pattern = "^/u/[^/]+", replace = "/u/:name"}]'
    flags = ("from_start", "from_end", "with_rotated", "no_bell", "demo", "no_state")
    flags += ("web_without_tls", "web_control")
    values |= dict.fromkeys(flags, "true")
    for name in Settings.__struct_fields__:
        key = name.replace("_", "-")
        assert list(read(tmp_path, f"{key} = {values.get(name, '7')}")) == [name]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("threshold = 0", ["threshold: expected a number above 0, not 0"]),
        ("threshold = -1.5", ["threshold", "above 0, not -1.5"]),
        ("threshold = nan", ["threshold"]),
        ("threshold = true", ["threshold: expected a number, not true"]),
        ('threshold = "abc"', ["threshold: expected a number, not 'abc'"]),
        ("alert-window = 0", ["alert_window: expected a whole number of at least 1, not 0"]),
        ("alert_window = 86401", ["alert_window", "of at most 86,400, not 86401"]),
        ("alert_window = 1.5", ["alert_window: expected a whole number, not 1.5"]),
        ("error-rate = 1.0", ["error_rate: expected a number below 1, not 1.0"]),
        ("bucket-size = 61", ["bucket_size", "60"]),
        ("stats-interval = 2026-11-21", ["stats_interval"]),
        ("top = -1", ["top", "at least 0"]),
        ("[history]\nminutes = 48", ["2: history.minutes: expected", "not 48"]),
        (
            '[history]\nhours = "5w"',
            ["2: history.hours: must be a time such as 48h", "'5w'"],
        ),
        ('[history]\nhours = "401d"', ["2: history.hours", "400d at most, not '401d'"]),
        ("[history]\nkeys = 0", ["history.keys", "at least 1"]),
        ("[history]\nday = 1", ["history.day", "minutes"]),
        ("section-depth = 0", ["section_depth", "at least 1"]),
        ("section-depth = 11", ["section_depth", "at most 10"]),
        ('routes = [{pattern = "a(?=b)", replace = ""}]', ["routes[0]", "(?=", "no lookaround"]),
        ("[[routes]]\npattern = '(a)\\1'\nreplace = ''", ["routes[0]", "no backreferences"]),
        ('routes = [{pattern = "a", replace = "\\\\1"}]', ["routes[0]", "only has 0"]),
        ('routes = [{pattern = "a"}]', ["routes[0]: needs replace"]),
        (
            'routes = [{pattern = "a", replace = "", x = 1}]',
            ["routes[0].x: is not known; known are pattern, replace"],
        ),
        ('routes = "a"', ["routes: expected a list, not 'a'"]),
        ("[formats.a]", ["formats.a", "either format", 'type = "json"']),
        ('[formats.a]\nformat = "%h"', ["formats.a", "no time (%t"]),
        ('[formats.a]\nformat = "auto"', ["formats.a", "give a preset"]),
        ('[formats.a]\nformat = "%h"\nx = 1', ["formats.a", "'x' is not known beside format"]),
        ('[formats.a]\ntype = "xml"', ["formats.a", "either format"]),
        ('[formats.a]\ntype = "json"\ntime = "t"', ["formats.a", "no request"]),
        ('[formats.a]\ntype = "json"\ntim = "t"', ["formats.a", "'tim' is no field; use time"]),
        ('[formats.a]\ntype = "json"\nformat = "common"', ["formats.a", "either format"]),
        ("[formats.combined]\nformat = 'common'", ["formats.combined", "taken"]),
        ('[logs."a.log"]\nformat = "b"', ["logs.a.log", "'b' is not known", "logmon-tui formats"]),
        ('[logs."a.log"]', ["logs.a.log: needs format"]),
        ("rules = 5", ["rules: expected a table, not 5"]),
        ("rules = {api = 5}", ["rules.api: expected a table, not 5"]),
        ("[rules.api]\nmetric = 'x'", ["rules.api.metric", "'x' is not known", "rate, hits"]),
        ("formats = 5", ["formats: expected a table, not 5"]),
        ("logs = []", ["logs: expected a table, not a list"]),
        (
            'show = "traffic,nonsense"',
            ["show[1]: 'nonsense' is not known; known are traffic, sections"],
        ),
        ("show = [1]", ["show[0]: expected a text in quotes, not 1"]),
        ("from-start = 1", ["from_start: expected true or false, not 1"]),
        (
            "top = 5\nalert-window = 5\nalert_window = 6",
            ["alert_window: is the same as alert-window; leave"],
        ),
        ("treshold = 5", ["treshold: is not known; did you mean threshold? known are"]),
        ('"bad\\nkey\\u001b" = 5', ["bad"]),
        ("[alerts]\nthreshold = 5", ["alerts: is not known; ", " known are threshold"]),
        ("[rule.api]\nmetric = 'rate'", ["rule: is not known; did you mean rules?"]),
        ("show = 'trafic'", ["did you mean traffic?"]),
        ("output = 5", ["output: expected a text in quotes, not 5"]),
        ("css = {a = 1}", ["css: expected a text in quotes, not a table"]),
        ("format = 'auto'\ntheme = true", ["theme: expected a text in quotes, not true"]),
        ("[rules.endpoint-erors]\nenabled = true", ["needs metric; did you mean endpoint_errors?"]),
        ("threshold = ", [":1: not valid TOML: invalid value"]),
        ("top = 1\ntop = 2\n\n", [":2: not valid TOML: cannot overwrite"]),
        ("top = 1\ntop == 2\n", [":2: not valid TOML: invalid value, in column 6"]),
        (b"top = 1\nformat = '\xff'", [":2: not valid TOML: byte 0xff is no UTF-8"]),
    ],
)
def test_what_is_wrong_is_one_line_that_names_file_and_key(
    tmp_path: Path, text: str | bytes, parts: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    place = re.escape(str(tmp_path / "config.toml"))
    assert re.match(rf"{place}(:[1-9]\d*)?: ", message)
    assert message.isprintable()
    for part in parts:
        assert part in message


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(UsageError, match="cannot be read") as caught:
            read_settings_file(path)
        assert str(path) in str(caught.value)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["alert_window", "stats_interval"])
def test_windows_must_be_whole_buckets(name: str) -> None:
    check_windows(Settings(bucket_size=5), "alert_window", "stats_interval")
    with pytest.raises(UsageError) as caught:
        check_windows(Settings(bucket_size=7, **{name: 10}), name)
    check_windows(Settings(bucket_size=7, **{name: 10}))
    assert name.replace("_", "-") in str(caught.value)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (3, "top = 3\n\nthreshold = 0\n"),
        (2, "top = 3\nalert-window = 0"),
        (2, "# no\ntreshold = 5"),
        (4, "[[routes]]\npattern = 'a'\nreplace = ''\n[[routes]]\npattern = '('\nreplace = ''"),
        (1, "metrics-listen = 'x'\ntop = 1"),
        (3, "[formats.a]\nformat = 'common'\n[formats.b]\nformat = '%h'"),
        (3, "[logs.a]\nformat = 'common'\n[logs.b]\n"),
        (4, "[logs.a]\nformat = 'common'\n[logs.b]\nform = 'x'"),
        (3, "[logs.a]\nformat = 'common'\n[logs.b]\nformat = 'x'"),
        (2, "[rules.traffic]\ncritical = 5"),
        (5, "top = 5\n\n[rules.api]\nmetric = 'rate'\ncritcal = 5"),
        (3, "top = 5\n\n[rules.api]\nmetric = 'rate'"),
        (3, "rules.api.metric = 'rate'\nrules.api.critical = 5\nrules.api.no-data = 'x'"),
        (2, "[rules]\napi = {metric = 'rate', critical = 5, for = '5x'}"),
        (4, "[rules.api]\nmetric = 'rate'\ncritical = 5\nlabels.a-b = 'c'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, line: int, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}:{line}: ")


def test_rules_of_the_file_stand_behind_those_there_are(tmp_path: Path) -> None:
    text = "threshold = 7\n[rules.api]\nmetric = 'rate'\ncritical = 5\n"
    settings = Settings(**read(tmp_path, text + "[rules.ddos]\nenabled = false"))
    rules = settings.alert_rules()
    assert [(rule.name, rule.critical) for rule in rules] == [
        ("traffic", 7),
        ("error_rate", 0.05),
        ("host_silent", 60),
        ("api", 5),
    ]
    assert {rule.name for rule in settings.all_rules()} > {"ddos", "api", "slow_endpoint"}


def test_changed_settings_keep_the_tables_read_and_have_the_rules_that_they_make() -> None:
    settings = Settings(rules={"api": {"metric": "rate", "critical": 5}})
    settings.check()
    changed = settings.changed(threshold=7.0, alert_window=60)
    assert changed.rule_tables is settings.rule_tables
    assert settings.changed(rules={}).rule_names()[-1] == "traffic_drop"
    before, after = settings.alert_rules(), changed.alert_rules()
    assert [(rule.critical, rule.window) for rule in before[::4]] == [(10, 120), (5, 120)]
    assert [(rule.critical, rule.window) for rule in after[::4]] == [(7, 60), (5, 60)]


def test_names_of_fields_may_have_hyphens_in_a_format_of_ones_own(tmp_path: Path) -> None:
    text = '[formats.a]\ntype = "json"\ntime = "t"\nrequest = "r"\nstatus = "s"\n'
    path = tmp_path / "config.toml"
    path.write_text(text + 'response-time = { key = "d", unit = "ms" }\n')
    assert list(read_settings_file(path).settings.own_formats) == ["a"]


def test_rules_must_be_of_whole_buckets(tmp_path: Path) -> None:
    text = "[rules.api]\nmetric = 'rate'\ncritical = 5\nwindow = 15"
    rules = read(tmp_path, text)["rules"]
    check_rules(Settings(bucket_size=5, rules=rules))
    check_rules(Settings(bucket_size=60))
    with pytest.raises(UsageError, match=r"rules\.api\.window: 15 is not a multiple") as caught:
        check_rules(Settings(bucket_size=10, rules=rules), tmp_path / "config.toml")
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}:4: ")


def test_a_table_of_notify_that_is_none_is_not_shown_for_it_may_be_a_secret(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "[notify]\npager = 'https://secret'")
    assert str(caught.value).endswith(
        ":2: notify.pager: expected a table, as [notify.pager] begins one"
    )


@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 2_000 + "]" * 2_000])
def test_a_file_that_is_too_much_for_the_toml_reader_is_told_in_a_line(
    tmp_path: Path, value: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"top = {value}\n")
    with pytest.raises(UsageError, match="too long a number, or too deep a list"):
        read_settings_file(file)


@pytest.mark.parametrize(
    "value",
    [
        *("1" + "0" * 400, "1e400", "-inf", "nan", "true", "07:32:00", "1979-05-27T07:32:00Z"),
        *("''", "[]", "[[]]", "[{}]", "{}", "{a = {}}", "{a = []}", "{'...' = 5}", "{'' = 5}"),
        *("[1, {a = 1}]", "{'a b.c' = {x = 1}}", "{a = {format = []}}", "[1979-05-27]"),
    ],
)
def test_whatever_a_setting_is_it_is_taken_or_refused_in_plain_words(
    tmp_path: Path, value: str
) -> None:
    for name in Settings.__struct_fields__:
        told = ""
        try:
            read(tmp_path, f"{name} = {value}")
        except UsageError as error:
            told = str(error)
        assert not told or told.startswith(f"{tmp_path / 'config.toml'}:1: {name}")
        assert "`" not in told
        assert told.isprintable()
