"""Derives browser, operating system and kind (human, bot, AI) from a User-Agent header.

Nothing is counted here. The patterns are imported with the first agent that needs them.
"""

import re
from collections.abc import Collection, Sequence
from contextvars import ContextVar
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import msgspec

from logmon_tui.late_patterns import late_pattern

if TYPE_CHECKING:
    from logmon_tui.formats.agent_patterns import Namer

MAX_AGENT_BYTES = 300
"""Maximum bytes of an agent that are examined: browsers send fewer, and each byte costs time."""

NO_AGENT = b"(none)"
UNKNOWN = b"(unknown)"

_NOTHING = frozenset({"", "-"})

_AI = tuple(
    name.lower()
    for name in (
        *("GPTBot", "ChatGPT-User", "OAI-SearchBot", "ClaudeBot", "Claude-User", "Claude-Web"),
        *("Claude-SearchBot", "Claude-Code", "anthropic-ai", "CCBot", "PerplexityBot"),
        *("Perplexity-User", "Bytespider", "TikTokSpider", "Google-Extended", "CloudVertexBot"),
        *("Google-NotebookLM", "GoogleAgent-Mariner", "Gemini-Deep-Research", "Amazonbot"),
        *("meta-externalagent", "meta-externalfetcher", "FacebookBot", "Applebot-Extended"),
        *("cohere-ai", "cohere-training-data-crawler", "MistralAI-User", "DeepSeekBot", "YouBot"),
        *("DuckAssistBot", "Diffbot", "AI2Bot", "aiHitBot", "AzureAI-SearchBot", "bedrockbot"),
        *("ChatGLM-Spider", "PanguBot", "iaskspider", "ImagesiftBot", "img2dataset", "Timpibot"),
        *("omgili", "Webzio-Extended", "FirecrawlAgent", "Crawl4AI", "TavilyBot", "Kangaroo Bot"),
    )
)
"""Names that crawlers of AI go by, as their operators document them; ai.robots.txt lists more.

They train models, or fetch pages for answers. Some, such as Google-Extended, are names for
robots.txt only; who sends one all the same is no browser.
"""

# Programs that name themselves or a page about themselves. The device patterns of ua-parser know
# them too, but take more time and memory than all other patterns.
_BOTS = {
    "bot": r"(?<!cu)bots?(?![a-z])",
    "preview": r"preview\b",
    "http": r"check_http|https?://",
    "feed": r"feed(?:ly|burner)",
    "check": r"health-?check",
    "scrap": r"scrap[ey]",
} | {
    word: word
    for word in (
        *("crawl", "spider", "slurp", "archiver", "indexer", "fetcher", "facebookexternalhit"),
        *("whatsapp", "favicon", "inspectiontool", "mediapartners", "apis-google", "lighthouse"),
        *("pagespeed", "pingdom", "statuscake", "uptime", "monitor", "kube-probe", "prometheus"),
        *("blackbox", "headless", "phantomjs", "nutch", "xenu", "zgrab", "masscan", "nmap"),
        *("nikto", "nuclei", "sqlmap", "wpscan", "scanner"),
        *_AI,
    )
}
"""Expressions that identify a bot, each by a word that it needs: words are searched first."""
_PRODUCT = late_pattern(r"(?:Mozilla/\S* ?)?(?:\(compatible; )?([A-Za-z][\w.-]{0,39})")


BOT = b"(bot)"
"""The browser and the operating system of all bots."""
NO_BOT = b"(not a bot)"
"""The bot of all other agents."""


class Family(msgspec.Struct, frozen=True):
    """Browser and operating system in UTF-8. Tools such as curl are browsers, not bots."""

    browser: bytes
    system: bytes
    bot: bool

    @property
    def names(self) -> "Names":
        """What the agent counts as: all bots together are one browser and one system."""
        if self.bot:
            return Names(BOT, BOT, self.browser)
        return Names(self.browser, self.system, NO_BOT)


class Names(msgspec.Struct, frozen=True):
    """The browser, operating system and bot that an agent counts as."""

    browser: bytes
    system: bytes
    bot: bytes


class Kind(StrEnum):
    """What an agent says it is. All that does not call itself a bot is human.

    So tools such as curl are, and clients that send no agent.
    """

    HUMAN = "human"
    BOT = "bot"
    AI = "ai"


class _Together(msgspec.Struct, frozen=True):
    """What some agents have in common: their namer, and the words of bots that they contain."""

    namer: "Namer | None"
    words: Collection[str]


_TOGETHER: ContextVar[_Together | None] = ContextVar("together", default=None)
"""What the agents of one call of `families_of` have in common."""


@lru_cache(maxsize=4_096)
def family_of(agent: bytes) -> Family:
    """Return the family of a User-Agent header, which may be any bytes.

    Names are those of uap-core; `UNKNOWN` if no pattern matches, `NO_AGENT` if the client sent no
    agent. Only the first `MAX_AGENT_BYTES` bytes count.
    """
    text = _text(agent)
    together = _TOGETHER.get() or _Together(_namer_of([text]), _BOTS)
    namer = together.namer
    if namer is None or text in _NOTHING:
        return Family(NO_AGENT, NO_AGENT, bot=False)
    browser = namer.browser(text) or _product(text)
    return Family(_key(browser), _key(namer.system(text)), bot=_is_bot(text, together.words))


def is_bot(agent: bytes) -> bool:
    """Tell whether the family of a User-Agent header is a bot; quicker than `family_of`."""
    return _is_bot(_text(agent))


def families_of(agents: Sequence[bytes]) -> list[Family]:
    """Return the family of each agent, as `family_of` does, but faster for many at once."""
    texts = list(map(_text, agents))
    token = _TOGETHER.set(_Together(_namer_of(texts), _words_in(texts, _BOTS)))
    try:
        return [family_of(agent) for agent in agents]
    finally:
        _TOGETHER.reset(token)


@lru_cache(maxsize=4_096)
def kind_of(agent: bytes) -> Kind:
    """Return the kind of a User-Agent header, which may be any bytes. An AI crawler is no `BOT`.

    Only the first `MAX_AGENT_BYTES` bytes count. `family_of(agent).bot` holds for both kinds of
    bots.
    """
    text = _text(agent)
    return _kind(text, _AI, is_bot=_is_bot(text))


def kinds_of(agents: Sequence[bytes], families: Sequence[Family]) -> list[Kind]:
    """Return the kind of each agent, whose families are known, as `kind_of` does."""
    texts = list(map(_text, agents))
    words = _words_in(texts, _AI)
    return [
        _kind(text, words, is_bot=family.bot) for text, family in zip(texts, families, strict=True)
    ]


def _kind(text: str, words: Collection[str], *, is_bot: bool) -> Kind:
    """Return the kind of an agent that contains no words of AI crawlers but some of `words`."""
    lower = text.lower()
    if any(word in lower for word in words):
        return Kind.AI
    return Kind.BOT if is_bot else Kind.HUMAN


def _words_in(texts: Sequence[str], words: Collection[str]) -> list[str]:
    """Return those `words` that are in any of the texts, which are far fewer than all."""
    lower = "\n".join(texts).lower()
    return [word for word in words if word in lower]


def _namer_of(texts: Sequence[str]) -> "Namer | None":
    """Return a namer for these agents, None if all of them are empty."""
    named = [text for text in texts if text not in _NOTHING]
    if not named:
        return None
    from logmon_tui.formats.agent_patterns import Namer

    return Namer(named)


def _text(agent: bytes) -> str:
    return _spaced(agent[:MAX_AGENT_BYTES].decode("utf-8", "replace")).strip()


def _is_bot(text: str, words: Collection[str] = _BOTS) -> bool:
    """Tell whether an agent is a bot, if it contains no words of bots but some of `words`."""
    if not text.isascii():
        return _any_bot().search(text) is not None
    lower = text.lower()
    return any(word in lower and _fits(_BOTS[word], lower, word) for word in words)


def _fits(expression: str, lower: str, word: str) -> bool:
    return expression == word or re.search(expression, lower) is not None


@cache
def _any_bot() -> re.Pattern[str]:
    """Return what finds any bot: regardless of case, other characters may equal an "s" or a "k"."""
    return re.compile("|".join(_BOTS.values()), re.IGNORECASE)


def _spaced(text: str) -> str:
    """Return `text` with spaces for the `+` of W3C logs and the `%20` of CloudFront."""
    if " " in text:
        return text
    return text.replace("%20", " ") if "%20" in text else text.replace("+", " ")


def _product(text: str) -> str | None:
    """Return the product that `text` names first, except Mozilla, which nearly all agents name."""
    found = _PRODUCT().match(text)
    return None if found is None or found[1] == "Mozilla" else found[1]


def _key(name: str | None) -> bytes:
    return UNKNOWN if name is None else name.encode()
