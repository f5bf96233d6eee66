"""Braces in the settings: what they stand for is what a shell makes of them."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.config.braces import MAX_WORDS, expanded
from tests.effort import examples


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web1:/x", ["web1:/x"]),
        ("web{1..3}:/x", ["web1:/x", "web2:/x", "web3:/x"]),
        ("web{3..1}", ["web3", "web2", "web1"]),
        ("web{08..11}", ["web08", "web09", "web10", "web11"]),
        ("{web,db}{1..2}:/l", ["web1:/l", "web2:/l", "db1:/l", "db2:/l"]),
        ("a{,b}", ["a", "ab"]),
        ("{x}{}{1..}", ["{x}{}{1..}"]),
    ],
)
def test_what_braces_stand_for(text: str, words: list[str]) -> None:
    assert expanded(text) == words


@pytest.mark.parametrize(
    "text", ["{1..100000000}", "{1..999}{1..9}", "{a,b}" * 40, "x{1..1001}", "{1..500}{a,b,c}"]
)
def test_too_many_words_are_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=f"more than {MAX_WORDS:,}"):
        expanded(text)


_PIECES = st.one_of(
    st.sampled_from(["web", ":/var/log/x", "-", "1", "{x}", "{}"]),
    st.tuples(st.integers(0, 30), st.integers(0, 30)).map("{{{0[0]}..{0[1]}}}".format),
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map("{{{0[0]:02}..{0[1]:02}}}".format),
    st.lists(st.sampled_from(["a", "bc", "7"]), min_size=2, max_size=4).map(
        lambda each: f"{{{','.join(each)}}}"
    ),
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(_PIECES, min_size=1, max_size=4).map("".join))
def test_bash_makes_the_same_of_them(text: str) -> None:
    try:
        words = expanded(text)
    except ValueError:
        return
    script = f"printf '%s\\n' {text}"
    shell = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout.splitlines() == words
