"""Masks: addresses without their last part, and pseudonyms, which a key makes. Pure.

A pseudonym is the same for the same text and key, so counting by it still works, and nobody without
the key can try out which text it stands for.
"""

import hashlib
import ipaddress
import re
from functools import lru_cache

_IP4 = re.compile(rb"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?![\d.]*\d)")
_IP6 = re.compile(rb"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d+){0,3}")
_QUERY = re.compile(rb"\?([^\s\"#]+)|#([^\s\"]+)")
_URL_END = re.compile(rb"(?: HTTP/\d(?:\.\d)?)?\Z")
_LOGIN = re.compile(rb"(?<=//)[^/@\s?#]+(?=@)")
_NOTHING = (b"", b"-")
_SITE_BITS = 48
_REMEMBERED = 2_048
"""Clients whose masked addresses are remembered: most of them come again."""


class Masks:
    """Masks addresses, and replaces texts by pseudonyms made with `key` (16 to 64 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, digest_size=32).digest()
        self.client = lru_cache(_REMEMBERED)(self._client)

    def pseudonym(self, text: bytes) -> bytes:
        """Return twelve digits that stand for `text`; an empty text and `-` stay."""
        if text in _NOTHING:
            return text
        return hashlib.blake2b(text, digest_size=6, key=self._key).hexdigest().encode()

    def _client(self, text: bytes) -> bytes:
        """Return a client's addresses masked: IPv4 to /24, IPv6 to /48; a name's pseudonym."""
        masked = self.addresses(text)
        known = masked != text or _IP4.search(text) or b":" in text
        return masked if known else self.pseudonym(text)

    def user(self, text: bytes) -> bytes:
        """Return what stands for the name of a user."""
        return self.pseudonym(text)

    def addresses(self, text: bytes) -> bytes:
        """Return a text in which all addresses are masked."""
        if b"." in text:
            text = _IP4.sub(self._ip4, text)
        return _IP6.sub(self._ip6, text) if b":" in text else text

    def _ip4(self, found: re.Match[bytes]) -> bytes:
        return found[1] + b".0"

    def _ip6(self, found: re.Match[bytes]) -> bytes:
        return _masked_ip6(found)

    def url(self, text: bytes) -> bytes:
        """Return a URL or a request line, whose login and query are pseudonyms.

        The query has all that follows, whatever blanks and quotes a client puts into it.
        """
        if b"@" in text:
            text = _LOGIN.sub(lambda found: self.user(found[0]), text)
        begins = [at for at in (text.find(b"?"), text.find(b"#")) if at >= 0]
        end = _URL_END.search(text, min(begins)) if begins else None
        if end is None:
            return text
        begin = min(begins) + 1
        return text[:begin] + self.pseudonym(text[begin : end.start()]) + text[end.start() :]

    def query(self, text: bytes) -> bytes:
        """Return a text in which the queries and fragments of URLs are pseudonyms."""
        return _QUERY.sub(self._query, text) if b"?" in text or b"#" in text else text

    def _query(self, found: re.Match[bytes]) -> bytes:
        return found[0][:1] + self.pseudonym(found[0][1:])

    def anything(self, text: bytes) -> bytes:
        """Return a text of unknown meaning without addresses and queries."""
        return self.query(self.addresses(text))


def _masked_ip6(found: re.Match[bytes]) -> bytes:
    try:
        address = ipaddress.IPv6Address(found[0].decode())
    except ValueError:
        return found[0]  # a time of day, say
    if address.ipv4_mapped is not None:
        return b"::ffff:" + _IP4.sub(rb"\1.0", str(address.ipv4_mapped).encode())
    whole = int(address) >> (128 - _SITE_BITS) << (128 - _SITE_BITS)
    return str(ipaddress.IPv6Address(whole)).encode()
