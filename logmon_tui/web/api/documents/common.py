"""What several answers of the API share."""

from typing import Annotated

from msgspec import Meta, Struct

Time = Annotated[
    str,
    Meta(
        pattern="^[0-9]+-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        description="ISO 8601 in UTC.",
        examples=["2026-11-22T08:26:40Z"],
    ),
]
Count = Annotated[int, Meta(ge=0)]
Amount = Annotated[float, Meta(ge=0)]


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object in an answer."""


class Mark(Document, frozen=True, kw_only=True):
    """A moment that a user named."""

    at: Time
    text: str


class Problem(Document, frozen=True, kw_only=True):
    """Why a request failed (RFC 9457): `detail` says what is wrong, where, and how to mend it."""

    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
