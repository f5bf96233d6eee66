"""From a User-Agent header to browser, operating system, and whether it is a bot.

Nothing is counted here. The patterns are imported with the first agent that needs them.
"""

import re
from collections.abc import Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from logmon_tui.formats.agent_patterns import Namer

LONGEST = 300
"""So many bytes of an agent are looked at: browsers send fewer, and patterns cost by the byte."""

NO_AGENT = b"(none)"
UNKNOWN = b"(unknown)"

_NOTHING = frozenset({"", "-"})

# Programs that say what they are, in their name or by a page about themselves; ua-parser's
# device patterns know them too, but take more time and memory than all the rest.
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
    )
}
"""What tells a bot, by a word without which that is not there: the words are looked for first."""
_BOT = re.compile("|".join(_BOTS.values()), re.IGNORECASE)
_PRODUCT = re.compile(r"(?:Mozilla/\S* ?)?(?:\(compatible; )?([A-Za-z][\w.-]{0,39})")


class Family(NamedTuple):
    """What an agent is, as text in UTF-8; tools such as curl are browsers, not bots."""

    browser: bytes
    system: bytes
    bot: bool


_NAMER: ContextVar["Namer | None"] = ContextVar("namer", default=None)
"""What names the agents that are asked for together."""


@lru_cache(maxsize=4_096)
def family_of(agent: bytes) -> Family:
    """Return the family of a User-Agent header, which may be any bytes.

    Names are those of the uap-core patterns; `UNKNOWN` where none of them fits, `NO_AGENT`
    where the client sent nothing. Only the first `LONGEST` bytes count.
    """
    text = _text(agent)
    namer = _NAMER.get() or _namer_of([text])
    if namer is None or text in _NOTHING:
        return Family(NO_AGENT, NO_AGENT, bot=False)
    browser = namer.browser(text) or _product(text)
    return Family(_key(browser), _key(namer.system(text)), bot=_is_bot(text))


def families_of(agents: Sequence[bytes]) -> list[Family]:
    """Return the family of each agent, as `family_of` does, but sooner than one by one."""
    token = _NAMER.set(_namer_of(list(map(_text, agents))))
    try:
        return [family_of(agent) for agent in agents]
    finally:
        _NAMER.reset(token)


def _namer_of(texts: Sequence[str]) -> "Namer | None":
    """Return what names these agents, None where none of them tells anything."""
    told = [text for text in texts if text not in _NOTHING]
    if not told:
        return None
    from logmon_tui.formats.agent_patterns import Namer

    return Namer(told)


def _text(agent: bytes) -> str:
    return _spaced(agent[:LONGEST].decode("utf-8", "replace")).strip()


def _is_bot(text: str) -> bool:
    lower = text.lower()
    # Beyond ASCII there are other characters that are an "s" or a "k" where case does not count.
    likely = not text.isascii() or any(word in lower for word in _BOTS)
    return likely and _BOT.search(text) is not None


def _spaced(text: str) -> str:
    """Return `text` with the spaces that W3C logs write as `+`, and CloudFront as `%20`."""
    if " " in text:
        return text
    return text.replace("%20", " ") if "%20" in text else text.replace("+", " ")


def _product(text: str) -> str | None:
    """Return the product that `text` names first; Mozilla tells nothing, for all say so."""
    found = _PRODUCT.match(text)
    return None if found is None or found[1] == "Mozilla" else found[1]


def _key(name: str | None) -> bytes:
    return UNKNOWN if name is None else name.encode()
