"""Edits: how single fields of a line are changed, in the families of formats. Pure.

A line that does not fit its format cannot be changed. What comes out fits the format again.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

import msgspec

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.delimited.variant_format import VariantFormat
from logmon_tui.formats.model.converters import Shape
from logmon_tui.formats.model.field import OWN_FIELDS, TEXTS, Field
from logmon_tui.formats.model.log_format import LogFormat, bare
from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat, Wrapper
from logmon_tui.masking.masks import Masks

Change = Callable[[bytes], bytes]
"""Returns what a field becomes."""

_SECRET = ("cookie", "auth", "session", "token", "user", "ident", "logname", "query", "args")
"""Parts of the names of fields that become pseudonyms as a whole."""
_AGENT = "agent"
NEEDED = frozenset(
    (Field.TIME, Field.DATE, Field.CLOCK, Field.REQUEST, Field.METHOD, Field.TARGET, Field.STATUS)
)
"""The fields that every hit needs."""


COMMON = frozenset(("host", "user", "referrer", "user_agent", "virtual_host", "tls", "size"))
"""The names by which a field is dropped in any log; one that a log has not needs no dropping."""


def _names(field: Field, name: str) -> set[str]:
    """Return the names by which a field is dropped."""
    return {TEXTS.get(field, field.value), field.value.replace(" ", "_"), name}


class Edited(NamedTuple):
    """A line with its fields changed, and the status code in it."""

    line: bytes
    status: bytes


class Edits(NamedTuple):
    """What is done to fields: `dropped` ones, by name, become `-`; with `masks`, others change."""

    masks: Masks | None = None
    dropped: Collection[str] = ()

    def change(self, field: Field, name: str) -> Change | None:
        """Return what is done to a field, by its meaning and its name; None for nothing."""
        if not _names(field, name).isdisjoint(self.dropped) and field not in NEEDED:
            return _dropped
        if self.masks is None:
            return None
        return self._masked(field, name)

    def _masked(self, field: Field, name: str) -> Change | None:
        masks = self.masks
        if masks is None or field in _PLAIN:
            return None
        if field is Field.HOST:
            return masks.client
        low = name.lower()
        secret = any(part in low for part in _SECRET) and _AGENT not in low
        if field is Field.USER:
            return masks.user
        if field in _UNNAMED and (secret or low == "l"):
            return masks.pseudonym
        if field in {Field.REQUEST, Field.TARGET, Field.REFERRER}:
            return masks.url
        return masks.anything


_UNNAMED = frozenset((Field.OTHER, *OWN_FIELDS))
"""The fields of which only their names tell what they may hold."""

_PLAIN = frozenset(
    {Field.TIME, Field.DATE, Field.CLOCK, Field.METHOD, Field.STATUS, Field.SIZE}
    | {Field.USER_AGENT, Field.VIRTUAL_HOST, Field.TLS}
    | {Field.RESPONSE_TIME, Field.UPSTREAM_TIME, Field.BYTES_IN}
)
"""The fields that tell nothing of a person."""


def _dropped(_text: bytes) -> bytes:
    return b"-"


class LineEditor(ABC):
    """Changes lines of one format."""

    @abstractmethod
    def edit(self, line: bytes) -> Edited | None:
        """Return `line` (without its newline) changed; None if it does not fit the format."""


class _DelimitedEditor(LineEditor):
    def __init__(self, log_format: DelimitedFormat, edits: Edits) -> None:
        self._match, self._match_strictly = log_format.match, log_format.line_pattern.match
        self._status = log_format.indices(Field.STATUS)[0] + 1
        tokens = list(enumerate(log_format.tokens, 1))
        self._changes = _chosen((at, _change(each, edits)) for at, each in tokens)
        self._if_tolerated = _chosen((at, _careful_change(each, edits)) for at, each in tokens)

    def edit(self, line: bytes) -> Edited | None:
        inside = bare(line)
        found, changes = self._match_strictly(inside), self._changes
        if found is None:
            found, changes = self._match(inside), self._if_tolerated
        if found is None:
            return None
        if not changes:
            return Edited(line, found[self._status])
        pieces, end = [], 0
        for at, change in changes:
            start, stop = found.span(at)
            pieces += [inside[end:start], change(inside[start:stop])]
            end = stop
        pieces.append(inside[end:])
        edited = b"".join(pieces)
        return Edited(edited, found[self._status]) if self._match(edited) else None


def _chosen(changes: Iterable[tuple[int, Change | None]]) -> list[tuple[int, Change]]:
    return [(at, change) for at, change in changes if change is not None]


def _is_text(each: Token) -> bool:
    return each.converter is None or isinstance(each.converter, Shape)


def _change(each: Token, edits: Edits) -> Change | None:
    if each.field is Field.OTHER and not _is_text(each):
        return None
    return edits.change(each.field, each.name)


def _careful_change(each: Token, edits: Edits) -> Change | None:
    """Return what is done to a field of a line whose client may have shifted its fields."""
    change = _change(each, edits)
    if change is not None or edits.masks is None or not _is_text(each):
        return change
    return edits.masks.anything


class _VariantEditor(LineEditor):
    def __init__(self, log_format: VariantFormat, edits: Edits) -> None:
        strict, tolerant = log_format.strict().variants, log_format.tolerant().variants
        formats = dict.fromkeys((*strict, *tolerant))
        self._editors = [_DelimitedEditor(each, edits) for each in formats]

    def edit(self, line: bytes) -> Edited | None:
        edited = (editor.edit(line) for editor in self._editors)
        return next((each for each in edited if each is not None), None)


class _JsonEditor(LineEditor):
    def __init__(self, log_format: Any, edits: Edits) -> None:
        from logmon_tui.formats.json.json_decoding import NOT_DECODED, decoded

        self._decoded, self._errors = decoded, NOT_DECODED
        self._edits = edits
        self._status = log_format.by_field[Field.STATUS]
        self._fields = {path: each.field for each in log_format.members for path in each.paths}
        self._is_hit = log_format.line_parser().parse

    def edit(self, line: bytes) -> Edited | None:
        if self._is_hit(line) is None:
            return None
        try:
            content = self._decoded(bare(line))
            status = str(self._status.value(content)).encode()
            if self._edits.masks is None and not self._edits.dropped:
                return Edited(line, status)
            changed = self._changed(content, ())
            edited = json.dumps(changed, separators=(",", ":"), ensure_ascii=True).encode()
        except (*self._errors, UnicodeError):
            return None
        return Edited(edited, status) if self._is_hit(edited) is not None else None

    def _changed(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {name: self._changed(each, (*path, name)) for name, each in value.items()}
        field = self._fields.get(path, Field.OTHER)
        change = self._edits.change(field, ".".join(path)) if path else None
        if change is None:
            return value
        if isinstance(value, list):
            return [self._changed(each, path) for each in value]
        if change is _dropped:
            return "-"
        if isinstance(value, bool) or not isinstance(value, str | int):
            return value
        text = str(value)  # a user may be a number
        changed = change(text.encode(errors="surrogateescape")).decode(errors="surrogateescape")
        return value if changed == text else changed


class _WrappedEditor(LineEditor):
    """Changes what is inside a prefix, or in an entry of Docker's log files."""

    def __init__(self, wrapper: Wrapper, inner: LineEditor) -> None:
        self._wrapper, self._inner = wrapper, inner

    def edit(self, line: bytes) -> Edited | None:
        inside = self._wrapper.unwrap(line)
        inside = line if inside is None else inside
        edited = None if self._wrapper.is_part(line) else self._inner.edit(inside)
        if edited is None:
            return None
        if line.endswith(inside):
            return Edited(line[: len(line) - len(inside)] + edited.line, edited.status)
        return self._in_docker_entry(line, edited)

    def _in_docker_entry(self, line: bytes, edited: Edited) -> Edited | None:
        try:
            entry = msgspec.json.decode(line, type=dict[str, Any])
            entry["log"] = edited.line.decode() + "\n"
            return Edited(msgspec.json.encode(entry), edited.status)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None


def editor_of(log_format: LogFormat | None, edits: Edits) -> LineEditor | None:
    """Return the editor of a format's lines; None if there is none."""
    if isinstance(log_format, WrappedFormat):
        inner = editor_of(log_format.inner, edits)
        return None if inner is None else _WrappedEditor(log_format.wrapper, inner)
    if isinstance(log_format, DelimitedFormat):
        return _DelimitedEditor(log_format.tolerant(), edits)
    if isinstance(log_format, VariantFormat):
        return _VariantEditor(log_format, edits)
    if hasattr(log_format, "by_field"):
        return _JsonEditor(log_format, edits)
    delimited = getattr(log_format, "delimited", None)  # W3C, under a header
    return None if delimited is None else _VariantEditor(delimited, edits)


def not_there(log_format: LogFormat | None, edits: Edits) -> list[str]:
    """Return the dropped names that no field of a format has, such as misspelt ones.

    Of a format whose lines may have any fields, such as JSON, none is returned.
    """
    if isinstance(log_format, WrappedFormat):
        return not_there(log_format.inner, edits)
    delimited = getattr(log_format, "delimited", log_format)  # W3C, under a header
    if isinstance(delimited, VariantFormat):
        variants = list(delimited.variants)
    elif isinstance(delimited, DelimitedFormat):
        variants = [delimited]
    else:
        return []
    there = [_names(each.field, each.name) for variant in variants for each in variant.tokens]
    return sorted(set(edits.dropped) - COMMON.union(*there))
