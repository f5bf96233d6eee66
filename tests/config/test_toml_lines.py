"""A key of a TOML file is found on its line, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.config.toml_lines import line_of

TEXT = '''# comment
threshold = 5
routes = [
  {pattern = "a", replace = "b"},
  {pattern = "c", replace = "d"},
]

[logs."/var/log/a.log"]
format = """
[rules.api]
metric = 5
"""

[rules.api]   # comment
metric = "rate"
'critical' = 5
labels.team = "web"
labels . "x.y" = "z"

[rules.api.labels.deep]
a = 1

[rules]
in-line = {metric = "hits", labels = {a = "b"}}
dotted.warning = 1
dotted.critical = 2
"keep firing" = {}

[[lists]]
name = "one"
[[lists]]
name = "two"'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["threshold"], 2),
        (["routes"], 3),
        (["routes", 1, "replace"], 3),
        (["logs", "/var/log/a.log"], 8),
        (["logs", "/var/log/a.log", "format"], 9),
        (["rules", "api"], 14),
        (["rules", "api", "metric"], 15),
        (["rules", "api", "critical"], 16),
        (["rules", "api", "labels"], 17),
        (["rules", "api", "labels", "x.y"], 18),
        (["rules", "api", "labels", "deep", "a"], 21),
        (["rules", "in-line", "metric"], 24),
        (["rules", "in_line", "labels", "a"], 24),
        (["rules", "dotted"], 25),
        (["rules", "dotted", "critical"], 26),
        (["rules", "keep firing"], 27),
        (["lists", 0, "name"], 30),
        (["lists", 1], 31),
        (["lists", 1, "name"], 32),
        (["rules", "api", "missing", "key"], 14),
        (["rules", "missing"], 14),
        (["lists", 5], 29),
        (["threshold", "no table"], 2),
        (["missing"], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_a_key_is_that_of_its_statement(
    keys: list[str | int], line: int | None, end: str
) -> None:
    assert line_of(TEXT.replace("\n", end), keys) == line


@pytest.mark.parametrize("text", ["a = ", "[a\n", "a = 1\na = 2", "\x00", "a = [" * 10_000])
def test_a_text_that_is_no_toml_has_no_lines(text: str) -> None:
    assert line_of(text, ["a"]) is None


@given(
    st.lists(
        st.sampled_from(
            ["", "# [rules.x]", "{} = 1", '{} = """\n# text\n\n"""', "{} = [\n1,\n\n2]", "[{}]"]
        ),
        min_size=1,
        max_size=30,
    )
)
def test_each_statement_is_found_among_others_of_many_lines(statements: list[str]) -> None:
    lines: dict[tuple[str, ...], int] = {}
    text: list[str] = []
    table: tuple[str, ...] = ()
    for number, statement in enumerate(statements):
        key = f"key{number}"
        if statement == "[{}]":
            table = (key,)
            lines[table] = len(text) + 1
        elif "{}" in statement:
            lines[*table, key] = len(text) + 1
        text += statement.format(key).split("\n")
    for keys, line in lines.items():
        assert line_of("\n".join(text), keys) == line
