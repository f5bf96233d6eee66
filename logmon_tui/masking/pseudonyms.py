"""Pseudonyms: clients and users under names such as `client-3fa2c1d0`, made with a key. Pure."""

import re

from logmon_tui.formats.clients import address_of
from logmon_tui.masking.masks import Masks

_DIGITS = 8
_LIST = re.compile(rb"(, *)")
_MAIL = re.compile(
    rb"(?<![^\s@<>\"'(),:;=?&#])[^\s@<>\"'(),:;=/?&#]{1,64}@[^\s@<>\"'(),:;=/?&#]{1,255}"
)
_WORD = re.compile(rb"\S+")
_WITH_PORT = re.compile(rb"(\[[^\]]*\]|[\d.]+)(:\d{1,5})")


class Pseudonyms(Masks):
    """Masks that tell clients apart: each has one name, however its address is written.

    `clients` and `users` hold the names given so far, by what they stand for.
    """

    def __init__(self, key: bytes) -> None:
        super().__init__(key)
        self.clients: dict[bytes, bytes] = {}
        self.users: dict[bytes, bytes] = {}

    def _client(self, text: bytes) -> bytes:
        """Return the names of a client, or of a list of them with commas; ports stay."""
        return b"".join(
            each if at % 2 else self._one_client(each) for at, each in enumerate(_LIST.split(text))
        )

    def user(self, text: bytes) -> bytes:
        """Return the name of a user; an empty one and `-` stay."""
        named = _named(b"user", text, self.pseudonym(text))
        if named != text:
            self.users[text] = named
        return named

    def url(self, text: bytes) -> bytes:
        """Return a URL or a request line without addresses, login and query."""
        return super().url(self.addresses(text))

    def prose(self, text: bytes) -> bytes:
        """Return what somebody wrote without addresses, those of mail too, and queries of URLs."""
        if b"/" in text:
            text = _WORD.sub(
                lambda found: self.url(found[0]) if b"/" in found[0] else found[0], text
            )
        return self.addresses(_MAIL.sub(lambda found: self.user(found[0]), text))

    def anything(self, text: bytes) -> bytes:
        """Return a text of unknown meaning without addresses, those of mail too, and queries."""
        return self.query(self.prose(text))

    def _one_client(self, text: bytes) -> bytes:
        found = _WITH_PORT.fullmatch(text)
        alone, port = (text, b"") if found is None else found.groups()
        address = address_of(text)
        if address is None:
            return self._name(text, text)
        return self._name(alone, address.encode()) + port

    def _ip4(self, found: re.Match[bytes]) -> bytes:
        return self._name(found[0], found[0])

    def _ip6(self, found: re.Match[bytes]) -> bytes:
        address = address_of(found[0])
        return found[0] if address is None else self._name(found[0], address.encode())

    def _name(self, text: bytes, known_as: bytes) -> bytes:
        """Return the name of what is written as `text`, and remember it."""
        named = _named(b"client", text, self.pseudonym(known_as))
        if named != text:
            self.clients[text] = named
        return named


def _named(kind: bytes, text: bytes, pseudonym: bytes) -> bytes:
    return text if pseudonym == text else kind + b"-" + pseudonym[:_DIGITS]
