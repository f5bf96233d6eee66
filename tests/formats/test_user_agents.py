"""What an agent is taken for, whatever bytes it is made of."""

import subprocess
import sys

import pytest
import ua_parser
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.user_agents import (
    _AI,
    MAX_AGENT_BYTES,
    NO_AGENT,
    UNKNOWN,
    Family,
    Kind,
    _any_bot,
    _is_bot,
    families_of,
    family_of,
    kind_of,
    kinds_of,
)

CHROME = (
    b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/130.0.0.0 Safari/537.36"
)
IPHONE = (
    b"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
    b"(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT_PHONE = (
    b"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/130.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/b)"
)
CUBOT = (
    b"Mozilla/5.0 (Linux; Android 9; CUBOT_X18) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/90.0.0.0 Mobile Safari/537.36"
)
FIREFOX = b"Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (CHROME, Family(b"Chrome", b"Windows", bot=False)),
        (CHROME.replace(b" ", b"+"), Family(b"Chrome", b"Windows", bot=False)),
        (CHROME.replace(b" ", b"%20"), Family(b"Chrome", b"Windows", bot=False)),
        (IPHONE, Family(b"Mobile Safari", b"iOS", bot=False)),
        (FIREFOX, Family(b"Firefox", b"Linux", bot=False)),
        (CUBOT, Family(b"Chrome Mobile", b"Android", bot=False)),
        (GOOGLEBOT_PHONE, Family(b"Googlebot", b"Android", bot=True)),
        (b"Mozilla/5.0 (compatible; bingbot/2.0)", Family(b"bingbot", UNKNOWN, bot=True)),
        (b"Mozilla/5.0+(compatible;+bingbot/2.0)", Family(b"bingbot", UNKNOWN, bot=True)),
        (b"GPTBot/1.2", Family(b"GPTBot", UNKNOWN, bot=True)),
        (b"kube-probe/1.29", Family(b"kube-probe", UNKNOWN, bot=True)),
        (b"ELB-HealthChecker/2.0", Family(b"ELB-HealthChecker", UNKNOWN, bot=True)),
        (b"Mozilla/5.0 (compatible; Odd/1.0; +http://odd.example)", Family(b"Odd", UNKNOWN, True)),
        (b"curl/8.11", Family(b"curl", UNKNOWN, bot=False)),
        (b"python-requests/2.31", Family(b"Python Requests", UNKNOWN, bot=False)),
        (b"mytool/1.0", Family(b"mytool", UNKNOWN, bot=False)),
        (b"Mozilla/5.0", Family(UNKNOWN, UNKNOWN, bot=False)),
        (b"\xff\xfe\x00", Family(UNKNOWN, UNKNOWN, bot=False)),
        (b"-", Family(NO_AGENT, NO_AGENT, bot=False)),
        (b"", Family(NO_AGENT, NO_AGENT, bot=False)),
    ],
)
def test_an_agent_is_known_by_browser_system_and_whether_it_is_a_bot(
    agent: bytes, family: Family
) -> None:
    assert family_of(agent) == family


@given(st.binary(max_size=2_000))
def test_any_bytes_have_a_family_with_short_names_in_utf_8(agent: bytes) -> None:
    family = family_of(agent)
    browser, system = family.browser, family.system
    for name in (browser, system):
        name.decode()
        assert 0 < len(name) <= 3 * MAX_AGENT_BYTES


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (CHROME, Kind.HUMAN),
        (CUBOT, Kind.HUMAN),
        (b"curl/8.11", Kind.HUMAN),
        (b"-", Kind.HUMAN),
        (b"", Kind.HUMAN),
        (b"\xff\xfe\x00", Kind.HUMAN),
        (GOOGLEBOT_PHONE, Kind.BOT),
        (b"Mozilla/5.0+(compatible;+bingbot/2.0)", Kind.BOT),
        (b"kube-probe/1.29", Kind.BOT),
        (b"Applebot/0.1", Kind.BOT),
        (b"Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", Kind.AI),
        (b"Mozilla/5.0 AppleWebKit/537.36 (compatible; ClaudeBot/1.0; +claudebot@x.com)", Kind.AI),
        (b"CCBot/2.0 (https://commoncrawl.org/faq/)", Kind.AI),
        (b"Mozilla/5.0 (compatible; PerplexityBot/1.0)", Kind.AI),
        (b"Mozilla/5.0 (Linux; Android 5.0) (compatible; Bytespider; https://x)", Kind.AI),
        (b"Google-Extended", Kind.AI),
        (b"Mozilla/5.0 (Macintosh) Safari/600.2.5 (Amazonbot/0.1; +https://x)", Kind.AI),
        (b"meta-externalagent/1.1", Kind.AI),
        (b"mistralai-user/1.0", Kind.AI),
        (CHROME + b" " * MAX_AGENT_BYTES + b"GPTBot", Kind.HUMAN),
    ],
)
def test_an_agent_is_human_or_a_bot_or_crawls_for_ai(agent: bytes, kind: Kind) -> None:
    assert kind_of(agent) is kind
    assert family_of(agent).bot == (kind is not Kind.HUMAN)


@given(st.one_of(st.binary(max_size=400), st.sampled_from(_AI).map(str.encode)))
def test_what_is_no_human_is_a_bot_by_family_too(agent: bytes) -> None:
    assert (kind_of(agent) is not Kind.HUMAN) == family_of(agent).bot


def test_only_the_beginning_of_an_agent_counts() -> None:
    assert family_of(FIREFOX + b" " * MAX_AGENT_BYTES + b"Googlebot/2.1") == family_of(FIREFOX)


@given(st.sampled_from((CHROME, IPHONE, FIREFOX, GOOGLEBOT_PHONE, CUBOT)), st.integers(0, 60))
def test_patterns_in_pieces_find_what_they_find_together(agent: bytes, cut: int) -> None:
    text = agent[cut:].decode()
    found = ua_parser.parse(text)
    family = family_of(agent[cut:])
    if found.user_agent is not None:
        assert family.browser == found.user_agent.family.encode()
    assert family.system == (UNKNOWN if found.os is None else found.os.family.encode())


@given(st.lists(st.sampled_from((CHROME, IPHONE, b"curl/8", b"-", b"", b"\xff")), max_size=9))
def test_agents_together_have_the_families_they_have_alone(agents: list[bytes]) -> None:
    family_of.cache_clear()
    together = families_of(agents)
    family_of.cache_clear()
    assert together == [family_of(agent) for agent in agents]


@given(st.lists(st.one_of(st.sampled_from((*_AI, "x", "K")), st.from_regex(_any_bot()), st.text())))
def test_agents_together_have_the_kinds_they_have_alone(texts: list[str]) -> None:
    agents = [text.encode("utf-8", "replace") for text in texts]
    assert kinds_of(agents, families_of(agents)) == [kind_of(agent) for agent in agents]
    family_of.cache_clear()
    together = [family.bot for family in families_of(agents)]
    family_of.cache_clear()
    assert together == [family_of(agent).bot for agent in agents]


@given(st.one_of(st.from_regex(_any_bot()), st.text()))
def test_the_words_of_bots_miss_none(text: str) -> None:
    assert _is_bot(text) == (_any_bot().search(text) is not None)


def test_the_patterns_are_not_loaded_before_the_first_agent() -> None:
    code = (
        "import sys; from logmon_tui.formats.user_agents import family_of; family_of(b'-'); "
        "print('ua_parser_rs' in sys.modules); family_of(b'curl/8'); "
        "print('ua_parser_rs' in sys.modules, 'ua_parser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]
