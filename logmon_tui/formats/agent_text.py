"""Shortens user agents to what tells them apart. Pure."""

import re

_COMMENT = re.compile(r"\(([^()]*)\)")
_CRAWLER = re.compile(r"compatible; *([^;()]+)")
_ENGINES = ("Mozilla/", "AppleWebKit/", "Gecko/", "Version/", "Mobile/")
"""What nearly all browsers claim to be, or say beside their name."""


def product_first(agent: str) -> str:
    """Return an agent with its product first, and without what nearly all agents say.

    `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0
    Safari/537.36` becomes `Chrome/130.0.0.0 (X11; Linux x86_64)`. Browsers that are built upon
    another one name themselves last. An agent that claims nothing of the kind stays as it is.
    """
    if not agent.startswith("Mozilla/"):
        return agent
    crawler = _CRAWLER.search(agent)
    comments = [text for text in _COMMENT.findall(agent) if "compatible;" not in text]
    platform = f" ({comments[0]})" if comments else ""
    if crawler:
        return f"{crawler[1]}{platform}"
    words = [word for word in _COMMENT.sub(" ", agent).split() if not word.startswith(_ENGINES)]
    products = [word for word in words if "/" in word]
    others = [word for word in products if not word.startswith("Safari/")]
    names = (others or products)[::-1]
    return f"{' '.join(names)}{platform}" if names else agent
