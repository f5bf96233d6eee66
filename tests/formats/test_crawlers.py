"""What clients claim to be, and whether their names bear that out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.crawlers import OPERATORS, Answer, claim_of, is_verified, verdict

GOOGLEBOT = b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CRAWL = "crawl-66-249-66-1.googlebot.com"


@pytest.mark.parametrize(
    ("agent", "claim"),
    [
        (GOOGLEBOT, "Googlebot"),
        (b"mozilla/5.0+(compatible;+BINGBOT/2.0)", "bingbot"),
        (b"Mozilla/5.0 (Macintosh) (Applebot/0.1)", "Applebot"),
        (b"Mozilla/5.0 (compatible; GPTBot/1.2)", "GPTBot"),
        (b"curl/8", ""),
        (b"-", ""),
        (b"x" * 300 + b"Googlebot", ""),
    ],
)
def test_an_agent_claims_to_be_a_crawler(agent: bytes, claim: str) -> None:
    assert claim_of(agent) == claim


@given(st.binary(max_size=400))
def test_any_bytes_claim_something_or_nothing(agent: bytes) -> None:
    known = {"", *(name for operator in OPERATORS for name in operator.agents)}
    assert claim_of(agent) in known


@pytest.mark.parametrize(
    ("answer", "claim", "said", "verified"),
    [
        (Answer(CRAWL, confirmed=True), "Googlebot", f"verified Googlebot: {CRAWL}", True),
        (Answer(CRAWL.upper() + ".", True), "Googlebot", None, True),
        (
            Answer("host.example", confirmed=True),
            "Googlebot",
            "false: claims Googlebot, is host.example",
            False,
        ),
        (
            Answer(CRAWL),
            "Googlebot",
            f"false: claims Googlebot, is {CRAWL}, which does not lead back here",
            False,
        ),
        (Answer(), "Googlebot", "false: claims Googlebot, has no name", False),
        (Answer("evilgooglebot.com", confirmed=True), "Googlebot", None, False),
        (Answer("googlebot.com.evil.example", confirmed=True), "Googlebot", None, False),
        (Answer("7.bc.googleusercontent.com", confirmed=True), "Googlebot", None, False),
        (
            Answer("msnbot-1.search.msn.com", confirmed=True),
            "Googlebot",
            "false: claims Googlebot, is msnbot-1.search.msn.com · of Microsoft",
            False,
        ),
        (Answer("msnbot-1.search.msn.com", confirmed=True), "bingbot", None, True),
        (Answer("17-1-2-3.applebot.apple.com", confirmed=True), "Applebot", None, True),
        (Answer("1-2-3-4.crawl.amazonbot.amazon", confirmed=True), "Amazonbot", None, True),
        (Answer(problem="DNS did not answer"), "Googlebot", "DNS did not answer", None),
        (
            Answer("host.example", confirmed=True),
            "GPTBot",
            "host.example · GPTBot: OpenAI documents no names to verify it by",
            None,
        ),
        (Answer(CRAWL, confirmed=True), "", f"{CRAWL} · of Google", None),
        (Answer("host.example", confirmed=True), "", "host.example", None),
        (Answer("host.example"), "", "host.example, which does not lead back here", None),
        (Answer(), "", "has no name", None),
    ],
)
def test_a_name_bears_a_claim_out_or_not(
    answer: Answer, claim: str, said: str | None, verified: bool | None
) -> None:
    assert is_verified(answer, claim) is verified
    if said is not None:
        assert verdict(answer, claim) == said


def test_who_is_verified_by_names_says_where_that_is_documented() -> None:
    for operator in OPERATORS:
        assert bool(operator.domains) == operator.source.startswith("https://")
