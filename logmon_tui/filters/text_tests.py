"""Functions that tell whether a text of a hit fits a value of the filter language."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from logmon_tui.filters import values
from logmon_tui.filters.expression import Value
from logmon_tui.filters.fields import FilterField, Kind
from logmon_tui.filters.patterns import pattern_of
from logmon_tui.formats.clients import packed_of
from logmon_tui.formats.linear_patterns import linear_pattern
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.user_agents import Kind as AgentKind
from logmon_tui.formats.user_agents import is_bot, kind_of

TextTest: TypeAlias = Callable[[bytes], object]
"""Returns something true for a text that fits."""


_SPECIAL = frozenset("*?[")


def text_tests(field: FilterField, wanted: Sequence[Value]) -> list[TextTest]:
    """Return functions of which one tells something true for a text that fits one of `wanted`.

    Patterns such as `*.css` are looked for together, as there may be many.
    """
    endings = tuple(each.text[1:].encode() for each in wanted if _is_ending(field, each))
    others = [text_test(field, each) for each in wanted if not _is_ending(field, each)]
    return [*others, *([_ending_test(endings)] if endings else [])]


def _ending_test(endings: tuple[bytes, ...]) -> TextTest:
    if not all(each.startswith(b".") and each.count(b".") == 1 for each in endings):
        return lambda given: given.endswith(endings)
    known = frozenset(each[1:] for each in endings)

    def fits(given: bytes) -> bool:
        _, dot, ending = given.rpartition(b".")  # a third of the time of trying each of them
        return ending in known and dot != b""

    return fits


def _is_ending(field: FilterField, value: Value) -> bool:
    """Tell whether a value fits the texts that end with what follows its `*`."""
    if field.kind is not Kind.TEXT or value.regular or not value.text.startswith("*"):
        return False
    return value.text.isascii() and _SPECIAL.isdisjoint(value.text[1:])


def text_test(field: FilterField, value: Value) -> TextTest:
    """Return the function that tells whether a text fits a value of `field`, which is no number."""
    if value.regular:
        search: TextTest = linear_pattern(encoded(value.text)).search
        return search
    return _BY_KIND[field.kind](field, value.text)


def encoded(text: str) -> bytes:
    """Return the bytes that a text of the language stands for."""
    return text.encode("utf-8", "surrogateescape")


def _whole(field: FilterField, text: str) -> TextTest:
    return pattern_of((text,)) if values.is_pattern(field, text) else encoded(text).__eq__


def _in_any_case(field: FilterField, text: str) -> TextTest:
    lower = text.casefold()
    if values.is_pattern(field, text):
        fits = pattern_of((lower,))
        return lambda given: fits(encoded(_lower(given)))
    return lambda given: lower == _lower(given)


def _part(field: FilterField, text: str) -> TextTest:
    if encoded(text) == NONE or values.is_pattern(field, text):
        return _in_any_case(field, text)
    lower = text.casefold()
    return lambda given: lower in _lower(given)


def _anywhere(_field: FilterField, text: str) -> TextTest:
    lower = text.casefold()
    return lambda given: given != NONE and lower in _lower(given)


def _client(field: FilterField, text: str) -> TextTest:
    network = values.network_of(text)
    if network is None:
        return _in_any_case(field, text)
    size = network.max_prefixlen // 8
    low, high = network.network_address.packed, network.broadcast_address.packed
    return lambda given: len(address := packed_of(given)) == size and low <= address <= high


def _who(_field: FilterField, text: str) -> TextTest:
    if text == "ai":
        return lambda given: kind_of(given) is AgentKind.AI
    return is_bot if text == "bot" else lambda given: not is_bot(given)


_BY_KIND: dict[Kind, Callable[[FilterField, str], TextTest]] = {
    Kind.TEXT: _whole,
    Kind.NAME: _in_any_case,
    Kind.CLIENT: _client,
    Kind.PART: _part,
    Kind.ANYWHERE: _anywhere,
    Kind.WHO: _who,
}


def _lower(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape").casefold()
