"""What single filters mean, and what is told about texts that are none."""

import sys

import pytest

from logmon_tui.errors import FilterError
from logmon_tui.filters.fields import FIELDS, field_of
from logmon_tui.filters.language import Filter, parsed, term_of
from logmon_tui.filters.parsing import MAX_DEPTH, MAX_SIZE
from logmon_tui.formats.linear_patterns import INSTALL
from logmon_tui.formats.model.hit import OWN_DIMENSIONS, UNKNOWN, Dimension, Measure
from logmon_tui.formats.model.hit_batch import HitBatch, HitRecord, batch_of_records
from tests.docs.pages import text_of

D = Dimension


def hit(status: int = 200, size: int = 0, time: int = UNKNOWN, **values: bytes) -> HitBatch:
    dimensions = {D(name): value for name, value in values.items()}
    return batch_of_records(
        [HitRecord(0, status, size, dimensions, ((Measure.RESPONSE_TIME, time),))]
    )


def fits(text: str, batch: HitBatch, **saved: str) -> bool:
    [found] = parsed(text, saved=saved).mask(batch).tolist()
    return found


def error_of(text: str, **saved: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parsed(text, saved=saved)
    return caught.value


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", ""),
        ("  ", ""),
        ("Status:5XX", "status:5xx"),
        ("status:404 , 5xx", "status:404,5xx"),
        ("status:404,status:5xx", "status:404,5xx"),
        ("status:>=500", "status>=500"),
        ("vhost:a", "host:a"),
        ("timeout", "q:timeout"),
        ('"two words"', 'q:"two words"'),
        ('path:"/plain"', "path:/plain"),
        ("client:fe80::1,10.0.0.1", "client:fe80::1,10.0.0.1"),
        ("(a b) c", "q:a q:b q:c"),
        ("(a,b),c", "q:a,b,c"),
        ("!(is:bot)", "!is:bot"),
        ("!(!is:bot)", "is:bot"),
        ("is:bot,!(!(re:/x/,time>1s))", "is:bot,q:re:/x/,time>1s"),
        ("a,!(!(b,c))", "q:a,b,c"),
        ("a,!(!(b c))", "q:a,(q:b q:c)"),
        ("is:bot is:bot", "is:bot"),
        ('path:"\\x41\\xff\\""', 'path:"A\\xff\\""'),
    ],
)
def test_a_filter_has_a_normal_form(text: str, normal: str) -> None:
    assert parsed(text).text == normal
    assert parsed(normal) == parsed(text)
    assert not parsed(normal) != parsed(text)  # noqa: SIM202 - a Struct decides each by itself


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("tme>1s", 0, "tme is no field; did you mean time?"),
        ("a fo:o", 2, "fo is no field; a text with a colon needs quotes; fields are status, sec"),
        ("path:/a,tme>1s", 8, "did you mean time?"),
        ("status:404,", 11, "a value of status is missing, at the end"),
        ("status:404,,5", 11, "a value of status is missing"),
        ("status:40x", 7, "'40x' is not a status such as 404, 5xx, 400-499 or >=500"),
        ("status:500-400", 7, "is empty: 500 is more than 400"),
        ("time:1h", 5, "'1h' is not a time such as 300ms, 1.5s or 2m"),
        ("size>1.5XB", 4, "is not a size such as 500, 10kB, 1.5MB or 1MiB"),
        ("client:10.0.0.0/33", 7, "is not a network such as 10.0.0.0/8 or 2001:db8::/32"),
        ("is:robot", 3, "'robot' is none of human, bot, ai"),
        ("is=bot", 0, "is has no =; write is:"),
        ("path>/a", 4, "path is text, which has no < or >"),
        ("time:re:/1/", 5, "time takes no regular expression"),
        ("path=re:/1/", 5, "path= takes no regular expression"),
        ("path:re:/(/", 5, "invalid regular expression: missing )"),
        ("path:re:/(?=a)/", 5, "RE2, which always ends in time, has no lookaround"),
        ("path:re:/a", 5, "this regular expression does not end with /"),
        ('q:"a', 2, "this quote is not closed"),
        ('q:"a"b', 5, "a blank or a comma must follow"),
        ('q:a"b', 3, "a blank or a comma must follow"),
        ('q:"a\\n"', 4, "a backslash in quotes needs"),
        ('q:""', 2, "needs a text to look for"),
        ("(a b", 0, "this parenthesis is not closed"),
        ("a)", 1, "this parenthesis closes none"),
        ("()", 0, "nothing stands in the parentheses"),
        ("!!a", 1, "one ! is enough"),
        ("@", 0, "needs the name of a saved filter"),
        ("x @ofice", 2, "@ofice is no saved filter; did you mean office?"),
        ("@self", 0, "in @self: @self stands for itself"),
        ("@a", 0, "in @a: in @b: @a stands for itself"),
        ("@bad", 0, "in @bad: tme is no field"),
        ("\ud800", 0, "is no text"),
        ("(" * (MAX_DEPTH + 1), MAX_DEPTH, f"more than {MAX_DEPTH} parentheses"),
        ("a " * (MAX_SIZE + 1), 2 * MAX_SIZE, "compares more than 1,000 values"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, message: str) -> None:
    saved = {"office": "client:10.0.0.0/8", "self": "@self", "a": "@b", "b": "@a", "bad": "tme>1"}
    error = error_of(text, **saved)
    assert (error.position, error.text) == (position, text)
    assert message in str(error)
    place = "at the end" if position == len(text) else f"(character {position + 1})"
    assert str(error).endswith(place)


def test_saved_filters_that_multiply_are_refused_at_once() -> None:
    saved = {f"f{n}": f"@f{n + 1} !@f{n + 1}" for n in range(MAX_DEPTH - 2)}
    saved[f"f{MAX_DEPTH - 2}"] = "a"
    assert "compares more than 1,000 values" in str(error_of("@f0", **saved))
    deep = {f"d{n}": f"@d{n + 1}" for n in range(MAX_DEPTH + 5)}
    assert "saved filters within each other" in str(error_of("@d0", **deep))


def test_parentheses_around_a_saved_filter_count_within_it() -> None:
    half = MAX_DEPTH // 2
    saved = {"it": "(" * (half - 1) + "!(a b)" + ")" * (half - 1)}
    deepest = "!(" * (half - 1) + "@it" + ")" * (half - 1)
    assert parsed(deepest, saved=saved).without_names()
    message = f"in @it: more than {MAX_DEPTH} parentheses and saved filters within each other"
    assert message in str(error_of(f"!({deepest})", **saved))
    deep = {f"d{n}": f"{'!(' * 9}@d{n + 1}{')' * 9}" for n in range(MAX_DEPTH - 2)}
    assert message.removeprefix("in @it: ") in str(error_of("@d0", **deep, d18="a"))


def test_a_saved_filter_stands_for_its_expression() -> None:
    saved = {"office": "client:10.0.0.0/8", "people": "is:human !@office", "all": ""}
    inside, outside = hit(host=b"10.1.1.1"), hit(host=b"9.1.1.1")
    assert [fits("@office", each, **saved) for each in (inside, outside)] == [True, False]
    assert [fits("@people", each, **saved) for each in (inside, outside)] == [False, True]
    assert [fits("!@all", each, **saved) for each in (inside, outside)] == [False, False]
    chosen = parsed("@people status:200", saved=saved)
    assert chosen.terms == ("@people", "status:200")
    assert chosen.with_term("@office").text == "@people status:200 @office"


def test_no_filter_is_false_and_chooses_all() -> None:
    assert not parsed("")
    assert parsed("a")
    assert parsed("") == Filter()
    assert fits("", hit())


@pytest.mark.parametrize(
    ("text", "time", "expected"),
    [
        ("time>1s", 1_000_001, True),
        ("time>1s", 1_000_000, False),
        ("time>1s", UNKNOWN, False),
        ("time<1s", UNKNOWN, False),
        ("time>=0", UNKNOWN, False),
        ("!time<1s", UNKNOWN, True),
        ("!time>=0", UNKNOWN, True),
        ("time:1s-2s", 1_500_000, True),
        ("time:1s-2s", 2_000_001, False),
    ],
)
def test_an_unknown_time_fits_no_comparison(text: str, time: int, expected: bool) -> None:
    assert fits(text, hit(time=time)) is expected
    assert not fits("upstream>=0", hit(time=time))  # the log has no such times


@pytest.mark.parametrize(
    ("text", "client", "expected"),
    [
        ("client:10.0.0.0/8", b"10.255.0.1", True),
        ("client:10.0.0.0/8", b"11.0.0.1", False),
        ("client:10.0.0.0/8", b"::ffff:10.0.0.1", True),
        ("client:10.0.0.0/8", b"10.0.0.1.example.com", False),
        ("client:10.0.0.0/8", b"010.0.0.1", False),
        ("client:2001:db8::/32", b"2001:DB8:1::2", True),
        ("client:2001:db8::/32", b"2001:db9::1", False),
        ("client:::/0", b"10.0.0.1", False),
        ("client:10.0.0.1/8", b"10.9.9.9", True),
        ("client:10.*", b"10.9.9.9", True),
        ("client:*.EXAMPLE.com", b"a.example.COM", True),
        ("client=A", b"a", False),
    ],
)
def test_clients_fit_networks_patterns_and_names(text: str, client: bytes, expected: bool) -> None:
    assert fits(text, hit(host=client)) is expected


def test_what_a_log_lacks_is_a_dash() -> None:
    assert fits("user:-", hit())
    assert fits("referrer:-", hit())
    assert not fits("agent:a", hit())
    assert not fits("q:-", hit(path=b"-"))


def test_every_dimension_has_a_field() -> None:
    known = [each for each in D if each not in OWN_DIMENSIONS]  # these the settings name
    assert [FIELDS[field_of(each)].column for each in known] == known


def test_terms_of_codes_and_words() -> None:
    assert term_of("status", b"404", negated=True) == "!status:404"
    assert term_of("status", b"5xx") == "status:5xx"
    assert term_of("is", b"bot") == "is:bot"
    assert term_of("bot", b"(not a bot)") == 'bot="(not a bot)"'
    assert term_of("client", b"10.0.0.1") == "client:10.0.0.1"
    assert term_of("client", b"10.0.0.0/8") == "client=10.0.0.0/8"
    with pytest.raises(FilterError, match="'x' is not a status"):
        term_of("status", b"x")


def test_regular_expressions_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    assert INSTALL in str(error_of("path:re:/a/"))


def test_the_manual_names_every_field_with_its_example() -> None:
    manual = text_of("filters")
    for field in FIELDS.values():
        names = f"`{field.name}`" + (f" or `{field.alias}`" if field.alias else "")
        [row] = [line for line in manual.splitlines() if line.startswith(f"| {names} |")]
        assert field.about in row
        assert parsed(field.example).text in manual
