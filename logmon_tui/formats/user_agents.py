"""From a User-Agent header to browser, operating system, and whether it is a bot.

Nothing is counted here. ua-parser is imported with the first agent that needs it.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

LONGEST = 300
"""So many bytes of an agent are looked at: browsers send fewer, and patterns cost by the byte."""

NO_AGENT = b"(none)"
UNKNOWN = b"(unknown)"

_PIECE = 100  # Patterns built at once: each holds all other threads up for some 10 ms.

# Programs that say what they are, in their name or by a page about themselves; ua-parser's
# device patterns know them too, but take more time and memory than all the rest.
_BOT = re.compile(
    r"(?<!cu)bots?(?![a-z])|crawl|spider|slurp|scrap[ey]|archiver|indexer|fetcher"
    r"|facebookexternalhit|whatsapp|preview\b|favicon|inspectiontool|mediapartners|apis-google"
    r"|feed(?:ly|burner)|lighthouse|pagespeed|pingdom|statuscake|uptime|monitor"
    r"|health-?check|kube-probe|check_http|prometheus|blackbox|headless|phantomjs"
    r"|nutch|xenu|zgrab|masscan|nmap|nikto|nuclei|sqlmap|wpscan|scanner|https?://",
    re.IGNORECASE,
)
_PRODUCT = re.compile(r"(?:Mozilla/\S* ?)?(?:\(compatible; )?([A-Za-z][\w.-]{0,39})")


class Family(NamedTuple):
    """What an agent is, as text in UTF-8; tools such as curl are browsers, not bots."""

    browser: bytes
    system: bytes
    bot: bool


@lru_cache(maxsize=4_096)
def family_of(agent: bytes) -> Family:
    """Return the family of a User-Agent header, which may be any bytes.

    Names are those of the uap-core patterns; `UNKNOWN` where none of them fits, `NO_AGENT`
    where the client sent nothing. Only the first `LONGEST` bytes count.
    """
    text = _spaced(agent[:LONGEST].decode("utf-8", "replace")).strip()
    if text in {"", "-"}:
        return Family(NO_AGENT, NO_AGENT, bot=False)
    parsers = _parsers()
    browser = parsers.browser(text) or _product(text)
    system = parsers.system(text)
    return Family(_key(browser), _key(system), bot=_BOT.search(text) is not None)


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


class _Parsers(NamedTuple):
    browser: Callable[[str], str | None]
    system: Callable[[str], str | None]


@cache
def _parsers() -> _Parsers:
    """Build the patterns, piece by piece so that other threads have their turn in between."""
    from ua_parser import Domain, load_lazy_builtins
    from ua_parser.regex import Resolver

    agents, systems, _ = load_lazy_builtins()
    by_browser = [
        Resolver((agents[at : at + _PIECE], [], [])) for at in range(0, len(agents), _PIECE)
    ]
    by_system = [
        Resolver(([], systems[at : at + _PIECE], [])) for at in range(0, len(systems), _PIECE)
    ]

    def browser(text: str) -> str | None:
        # The first pattern that fits wins, as in the one list that they are pieces of.
        found = (resolve(text, Domain.USER_AGENT).user_agent for resolve in by_browser)
        return next((agent.family for agent in found if agent is not None), None)

    def system(text: str) -> str | None:
        found = (resolve(text, Domain.OS).os for resolve in by_system)
        return next((each.family for each in found if each is not None), None)

    return _Parsers(browser, system)
