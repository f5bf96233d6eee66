"""Says which crawler an agent claims to be, and whether the name of its address bears that out.

Anyone can send the agent of Googlebot. Its operator documents how to tell (forward-confirmed
reverse DNS): the address has a name below a domain of the operator, and that name leads back to
the address. Pure: whoever asks DNS hands in the `Answer`.
"""

from functools import lru_cache

import msgspec

from logmon_tui.formats.user_agents import MAX_AGENT_BYTES


class Operator(msgspec.Struct, frozen=True):
    """Who runs crawlers: the names in their agents, and the `domains` of their addresses' names.

    `source` is the operator's page on how to verify them. Without `domains` DNS cannot tell: the
    operator documents lists of addresses, or nothing.
    """

    name: str
    agents: tuple[str, ...]
    domains: tuple[str, ...] = ()
    source: str = ""


OPERATORS = (
    Operator(
        "Google",
        (
            *("Googlebot", "AdsBot-Google", "Mediapartners-Google", "APIs-Google", "GoogleOther"),
            *("Google-InspectionTool", "Storebot-Google"),
        ),
        # Google names all of googleusercontent.com, where anyone can rent a machine, too; its
        # fetchers are below gae alone.
        ("googlebot.com", "google.com", "gae.googleusercontent.com"),
        "https://developers.google.com/search/docs/crawling-indexing/verifying-googlebot",
    ),
    Operator(
        "Microsoft",
        ("bingbot", "BingPreview", "msnbot", "adidxbot"),
        ("search.msn.com",),
        "https://www.bing.com/webmasters/help/how-to-verify-bingbot-3905dc26",
    ),
    Operator(
        "Apple",
        ("Applebot",),
        ("applebot.apple.com",),
        "https://support.apple.com/en-us/119829",
    ),
    Operator(
        "Amazon",
        ("Amazonbot",),
        ("crawl.amazonbot.amazon",),
        "https://developer.amazon.com/amazonbot",
    ),
    Operator(
        "Common Crawl",
        ("CCBot",),
        ("crawl.commoncrawl.org",),
        "https://commoncrawl.org/ccbot",
    ),
    Operator(
        "Yandex",
        ("YandexBot", "YandexImages", "YandexMobileBot", "YandexAccessibilityBot"),
        ("yandex.ru", "yandex.net", "yandex.com"),
        "https://yandex.com/support/webmaster/robot-workings/check-yandex-robots.html",
    ),
    Operator(
        "Baidu",
        ("Baiduspider",),
        ("baidu.com", "baidu.jp"),
        "https://help.baidu.com/question?prod_id=99&class=476&id=2996",
    ),
    Operator(
        "Huawei",
        ("PetalBot",),
        ("petalsearch.com",),
        "https://webmaster.petalsearch.com/site/petalbot",
    ),
    Operator(
        "Seznam",
        ("SeznamBot",),
        ("seznam.cz",),
        "https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/",
    ),
    Operator("Ahrefs", ("AhrefsBot",), ("ahrefs.com", "ahrefs.net"), "https://ahrefs.com/robot"),
    Operator("OpenAI", ("GPTBot", "ChatGPT-User", "OAI-SearchBot")),
    Operator("Anthropic", ("ClaudeBot", "Claude-User", "Claude-SearchBot")),
    Operator("Perplexity", ("PerplexityBot", "Perplexity-User")),
    Operator("Meta", ("meta-externalagent", "meta-externalfetcher", "facebookexternalhit")),
    Operator("ByteDance", ("Bytespider",)),
    Operator("DuckDuckGo", ("DuckDuckBot", "DuckAssistBot")),
)

_OF_AGENT = {agent: operator for operator in OPERATORS for agent in operator.agents}
_CLAIMS = tuple((agent.lower().encode(), agent) for agent in _OF_AGENT)


class Answer(msgspec.Struct, frozen=True):
    """What DNS says of an address: its `name`, and whether that name leads back (`confirmed`).

    The name is hostile: whoever has the address chooses it. It is empty if there is none.
    `problem` says why DNS could not tell; then nothing else is known.
    """

    name: str = ""
    confirmed: bool = False
    problem: str = ""


@lru_cache(maxsize=4_096)
def claim_of(agent: bytes) -> str:
    """Return the name of the crawler that an agent claims to be, such as `Googlebot`; else ""."""
    lower = agent[:MAX_AGENT_BYTES].lower()
    return next((name for word, name in _CLAIMS if word in lower), "")


def verdict(answer: Answer, claim: str) -> str:
    """Return in a few words what `answer` says of a client whose agent claims to be `claim`.

    `claim` is empty if the client claims nothing, or if its agent is not known: then the words tell
    whose crawler it is, if its name does. They contain the name, which is hostile.
    """
    if answer.problem:
        return answer.problem
    operator, verified = _OF_AGENT.get(claim), is_verified(answer, claim)
    if operator is None:
        return _named(answer)
    if verified is None:
        return f"{_named(answer)} · {claim}: {operator.name} documents no names to verify it by"
    if verified:
        return f"verified {claim}: {answer.name}"
    return f"false: claims {claim}, {_named(answer, 'is ')}"


def is_verified(answer: Answer, claim: str) -> bool | None:
    """Return whether a client is the crawler that it claims to be; None if DNS cannot tell."""
    operator = _OF_AGENT.get(claim)
    if answer.problem or operator is None or not operator.domains:
        return None
    return answer.confirmed and _is_of(operator, answer.name)


def _named(answer: Answer, verb: str = "") -> str:
    if not answer.name:
        return "has no name"
    if not answer.confirmed:
        return f"{verb}{answer.name}, which does not lead back here"
    operator = next((each for each in OPERATORS if _is_of(each, answer.name)), None)
    whose = "" if operator is None else f" · of {operator.name}"
    return f"{verb}{answer.name}{whose}"


def _is_of(operator: Operator, name: str) -> bool:
    return name.lower().rstrip(".").endswith(tuple(f".{domain}" for domain in operator.domains))
