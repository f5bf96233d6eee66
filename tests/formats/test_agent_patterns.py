"""Only patterns that can fit are built, and agents are named as if all of them were."""

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ua_parser import Domain, load_lazy_builtins
from ua_parser.regex import Resolver

from logmon_tui.formats import agent_patterns
from logmon_tui.formats.agent_patterns import Namer, all_rules, shape_of, words_of

BROWSERS, SYSTEMS, _ = load_lazy_builtins()
PATTERNS = [each.regex for each in (*BROWSERS, *SYSTEMS)]
EVERY = Resolver((BROWSERS, SYSTEMS, []))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(Opera Mini)/(\d+)", (("Opera Mini/",),)),
        (r"(Chrome)(?:/(\d+)|)", (("Chrome",),)),
        (r"Mozilla.{1,200}Mobile.{1,100}(Flipboard)", (("Mozilla",), ("Mobile",), ("Flipboard",))),
        (r"\b(Foo|Barr|UP\.Browser)/(\d+)", (("Foo", "Barr", "UP.Browser"),)),
        (r"(Foo3?|a-(?:b|c)Barr|50\.nu)(?:[ /]v?(\d+)|)", (("Foo", "Barr", "0.nu"),)),
        (r"Mobile.{1,9}(One\/(?:a|b)|Two)x", (("Mobile",), ("One/", "Two"))),
        (r"((one|two)four|five)six", (("six",), ("four", "five"))),
        (r"(?:(Foo|Barr)/)+x", (("Foo", "Barr"),)),
        (r"(Foo|Barr|U3)/(\d+)", ()),
        (r"(Foo|Barr)?/(\d+)", ()),
        (r"(Foo){2,}bar?", ()),
        (r"Fire.*?fox", (("Fire",), ("fox",))),
        (r"one|two", ()),
        (r"(?i)one", ()),
        (r"one\x20two", ()),
        (r"(one(two|three)four){0,1}five", (("five",),)),
        (r"[Bb]lack[\]|(]+berry\(", (("lack",), ("berry",))),
        (r"Gecko/18.0 Fire", (("Gecko/0",), ("0 Fire",))),
        (r"(CFNetwork)/(5)48\.(1)\.4", (("CFNetwork/0.0.0",),)),
    ],
)
def test_the_words_of_a_pattern_are_those_that_must_be_there(
    pattern: str, words: tuple[tuple[str, ...], ...]
) -> None:
    assert words_of([pattern, pattern]) == [words, words]


def test_all_patterns_are_there_with_what_they_tell() -> None:
    for rules, matchers in zip(all_rules(), (BROWSERS, SYSTEMS), strict=True):
        assert [rule[0] for rule in rules] == [each.regex for each in matchers]
        assert [rule[1] or "$1" for rule in rules] == [each.family for each in matchers]
        assert {len(rule) for rule in rules} == {6}


def test_patterns_that_are_made_in_another_way_are_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent_patterns, "find_spec", lambda _: None)
    test_all_patterns_are_there_with_what_they_tell()


@given(st.sampled_from(PATTERNS).flatmap(lambda each: st.tuples(st.just(each), fitting(each))))
@settings(max_examples=100)
def test_whatever_fits_a_pattern_holds_its_words(case: tuple[str, str]) -> None:
    pattern, agent = case
    for each in words_of([pattern])[0]:
        assert any(word in shape_of(agent) for word in each)


def fitting(pattern: str) -> st.SearchStrategy[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return st.from_regex(re.compile(pattern, re.ASCII)).filter(lambda text: "\n" not in text)


_ITEM = st.sampled_from(["abc", "Def", r"\.", ".", "[xy]", r"\d", " ", "|", "(one|two)", "(q|)"])
_SUFFIX = st.sampled_from(["", "", "", "?", "*", "+", "{0,3}", "+?", "*?", "??"])
_RUNS = st.lists(st.tuples(_ITEM, _SUFFIX).map("".join), max_size=4).map("".join)
_GROUPS = st.builds(
    "{0}{1}{2}{3}{4}".format, _RUNS, st.sampled_from(["(", "(?:"]), _RUNS, st.just(")"), _SUFFIX
)


def is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


@given(
    st.lists(st.one_of(_RUNS, _GROUPS), min_size=1, max_size=3)
    .map("".join)
    .filter(is_pattern)
    .flatmap(lambda each: st.tuples(st.just(each), fitting(each)))
)
def test_whatever_fits_any_pattern_holds_its_words(case: tuple[str, str]) -> None:
    pattern, agent = case
    for each in words_of([pattern])[0]:
        assert any(word in shape_of(agent) for word in each)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(PATTERNS).flatmap(fitting), max_size=4), max_size=3),
    st.booleans(),
)
def test_agents_are_named_as_by_all_patterns_together(batches: list[list[str]], long: bool) -> None:
    agent_patterns._patterns.cache_clear()
    for batch in batches:
        namer = Namer([*batch, "x" * agent_patterns._LONG] if long else batch)
        for agent in batch:
            found = EVERY(agent, Domain.USER_AGENT | Domain.OS)
            assert namer.browser(agent) == (found.user_agent and found.user_agent.family)
            assert namer.system(agent) == (found.os and found.os.family)


def test_of_the_patterns_a_browser_needs_few() -> None:
    agent_patterns._patterns.cache_clear()
    Namer(["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"])
    state = agent_patterns._patterns().state
    assert len(state.browsers.left) + len(state.systems.left) > 0.8 * len(PATTERNS)


def test_the_words_of_a_pattern_must_all_be_in_one_agent() -> None:
    agent_patterns._patterns.cache_clear()
    Namer(["Mozilla/5.0 Firefox/140.0", "Mozilla/5.0 Mobile"])
    apart = agent_patterns._patterns().state.browsers.left
    Namer(["Mozilla/5.0 (Mobile; rv:140.0) Firefox/140.0"])
    together = agent_patterns._patterns().state.browsers.left
    both = {BROWSERS[number].regex for number in set(apart) - set(together)}
    assert r"(?:Mobile|Tablet);.{0,200}(Firefox)/(\d+)\.(\d+)" in both


def test_where_many_patterns_are_needed_all_are_compiled_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent_patterns._patterns.cache_clear()
    built = []
    patterns = agent_patterns._patterns()
    build = patterns._browsers._build
    monkeypatch.setattr(
        patterns._browsers, "_build", lambda rules: (built.append(len(rules)), build(rules))[1]
    )
    words = [word for each in patterns._browsers._words for one in each for word in one]
    Namer(words[: len(words) // 2])
    assert not patterns.state.browsers.left
    assert sum(built) == len(BROWSERS)
    Namer(words)
    assert sum(built) == len(BROWSERS)


def test_agents_that_differ_in_numbers_are_searched_for_patterns_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent_patterns._patterns.cache_clear()
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{}.0.0.0 Safari/537.36"
    Namer([agent.format(131)])
    searched: list[object] = []
    monkeypatch.setattr(agent_patterns, "_may_match", lambda *each: searched.append(each))
    assert Namer([agent.format(132)]).browser(agent.format(132)) == "Chrome"
    assert not searched
    Namer(["curl/8.0"])
    assert searched


def test_few_shapes_of_agents_are_remembered() -> None:
    agent_patterns._patterns.cache_clear()
    for first in range(0, 5_000, 100):
        letters = (chr(0x4E00 + number) for number in range(first, first + 100))
        Namer([f"{letter}-agent/1" for letter in letters])
        assert len(agent_patterns._patterns().state.shapes) <= agent_patterns._SHAPES
