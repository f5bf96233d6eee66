"""Opens databases in MaxMind's format (.mmdb), and finds the places of addresses in them.

Understood are the layouts of MaxMind and DB-IP (`country.iso_code`, `autonomous_system_number`) and
of IPinfo (`country_code`, `asn`). https://maxmind.github.io/MaxMind-DB/ describes the format.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.clients import Locate, Place

if TYPE_CHECKING:
    from maxminddb import Reader

_LOOKED_AT = 1_000
"""Maximum records that are looked at for what a database holds."""

_CODE = 2
"""Letters of a country's code (ISO 3166-1)."""


class Database(msgspec.Struct, frozen=True):
    """An open database: its type as it names itself, when it was made, and what it holds.

    `built` is in epoch seconds.
    """

    reader: "Reader"
    type: str
    built: int
    countries: bool
    asns: bool


def open_database(path: str) -> Database:
    """Open the database at `path`.

    Raises UsageError if it cannot be read, is no such database, or holds neither countries nor
    ASNs.
    """
    import maxminddb  # only who gives a database needs it

    name, mend = printable(path), "give a database of countries, cities or ASNs (.mmdb)"
    try:
        file = Path(path).expanduser()
        with file.open("rb"):  # the library's own error does not say why
            pass
        reader = maxminddb.open_database(file)
        records = [_place(record) for _, record in islice(reader, _LOOKED_AT)]
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}; {mend}") from error
    except (maxminddb.InvalidDatabaseError, ValueError, TypeError) as error:
        raise UsageError(f"{name}: no database in MaxMind's format; {mend}") from error
    about = reader.metadata()
    found = Database(
        reader,
        about.database_type,
        about.build_epoch,
        countries=any(place.country for place in records),
        asns=any(place.asn for place in records),
    )
    if not (found.countries or found.asns):
        kind = printable(found.type)
        raise UsageError(f"{name}: a database of {kind}, without countries or ASNs; {mend}")
    return found


def opened(paths: Sequence[str]) -> Locate | None:
    """Return what tells the place of an address from the databases at `paths`; None without any.

    The first database that knows a country or an ASN counts. Raises UsageError like
    `open_database`.
    """
    if not paths:
        return None
    import maxminddb

    readers = [open_database(path).reader for path in paths]

    def locate(address: str) -> Place:
        country = asn = b""
        for reader in readers:
            # An IPv6 address in a database of IPv4, or damage: then nothing is known.
            with suppress(ValueError, maxminddb.InvalidDatabaseError):
                place = _place(reader.get(address))
                country, asn = country or place.country, asn or place.asn
        return Place(country, asn)

    return locate


def _place(record: Any) -> Place:
    """Return the place that a record of a database tells."""
    if not isinstance(record, Mapping):
        return Place()
    return Place(_country(record).encode(), _asn(record).encode())


def _country(record: Mapping[str, Any]) -> str:
    for name in ("country", "registered_country"):
        country = record.get(name)
        if isinstance(country, Mapping) and isinstance(code := country.get("iso_code"), str):
            return code
    for name in ("country_code", "country"):
        code = record.get(name)
        if isinstance(code, str) and len(code) == _CODE:
            return code
    return ""


def _asn(record: Mapping[str, Any]) -> str:
    number = record.get("autonomous_system_number", record.get("asn"))
    if isinstance(number, int):
        number = f"AS{number}"
    if not isinstance(number, str) or not number:
        return ""
    for name in ("autonomous_system_organization", "as_name", "name"):
        if isinstance(organization := record.get(name), str) and organization:
            return f"{number} {organization}"
    return number
