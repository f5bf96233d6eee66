"""What is proposed at the cursor of a filter."""

import pytest

from logmon_tui.filters.completion import completions

VALUES = {"path": ["/users", "/a b"], "client": ["fe80::1", "10.0.0.1"], "status": ["404"]}


def proposed(text: str, cursor: int | None = None) -> list[str]:
    """The whole text after each completion."""
    at = len(text) if cursor is None else cursor
    found = completions(text, at, lambda field: VALUES.get(field, []), ["office", "bots"])
    return [text[: each.start] + each.text + text[each.end :] for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("st", ["status:"]),
        ("a !pa", ["a !path:"]),
        ("(vh", ["(host:"]),
        ("time", ["time:", "time>", "time>=", "time<", "time<="]),
        ("path", ["path:", "path="]),
        ("is:", ["is:human", "is:bot", "is:ai"]),
        ("status:4", ["status:4xx", "status:404"]),
        ("status:5xx,4", ["status:5xx,4xx", "status:5xx,404"]),
        ("path:", ["path:/users", 'path:"/a b"']),
        ("path:/users,/a", ['path:/users,"/a b"']),
        ('path:"/a', ['path:"/a b"']),
        ("path:users", ["path:/users"]),
        ("client:fe", ["client:fe80::1"]),
        ("@", ["@office", "@bots"]),
        ("!@of", ["!@office"]),
        ("zzz", []),
        ('"path:', []),
    ],
)
def test_words_are_completed(text: str, expected: list[str]) -> None:
    assert proposed(text) == expected


def test_an_empty_filter_offers_fields_and_saved_filters() -> None:
    found = proposed("")
    assert found[:2] == ["status:", "section:"]
    assert found[-2:] == ["@office", "@bots"]


def test_only_the_word_before_the_cursor_is_replaced() -> None:
    assert proposed("st is:bot", cursor=2) == ["status: is:bot"]


def test_after_a_comma_values_come_before_fields() -> None:
    assert proposed("path:/x,")[:3] == ["path:/x,/users", 'path:/x,"/a b"', "path:/x,status:"]
