"""Databases of places: what is found in them, and what is said of files that are none."""

import subprocess
import sys
from pathlib import Path

import pytest

from logmon_tui.errors import UsageError
from logmon_tui.formats.clients import NOWHERE, Place
from logmon_tui.lookups.places import open_database, opened
from tests.lookups.mmdb import ASNS, COUNTRIES, MADE, write_mmdb

IPINFO = {
    "192.0.2.0/24": {
        "country": "Germany",
        "country_code": "DE",
        "asn": "AS3320",
        "as_name": "Deutsche Telekom AG",
    },
    "198.51.100.0/24": {"country": "US", "asn": ""},
    "2001:db8::/32": {"country": "France", "asn": "AS64500"},
}


def test_without_a_database_no_place_is_told() -> None:
    assert opened([]) is None


def test_two_databases_tell_the_country_and_the_asn(tmp_path: Path) -> None:
    paths = [
        write_mmdb(tmp_path / "country.mmdb", COUNTRIES),
        write_mmdb(tmp_path / "asn.mmdb", ASNS),
    ]
    locate = opened(paths)
    assert locate is not None
    assert locate("192.0.2.7") == Place(b"DE", b"AS3320 Deutsche Telekom AG")
    assert locate("192.0.2.200") == Place(b"DE", b"")
    assert locate("198.51.100.1") == Place(b"US", b"AS64496")
    assert locate("2001:db8::1") == Place(b"FR", b"")
    assert locate("203.0.113.9") == locate("10.0.0.1") == locate("::1") == NOWHERE


def test_a_database_in_the_home_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_mmdb(tmp_path / "country.mmdb", COUNTRIES)
    assert open_database("~/country.mmdb").countries


def test_the_first_database_that_knows_counts(tmp_path: Path) -> None:
    other = {"192.0.2.0/24": {"country": {"iso_code": "AT"}}, "10.0.0.0/8": {"country_code": "CH"}}
    paths = [
        write_mmdb(tmp_path / "a.mmdb", COUNTRIES),
        write_mmdb(tmp_path / "b.mmdb", other),
    ]
    locate = opened(paths)
    assert locate is not None
    assert [locate(each).country for each in ("192.0.2.1", "10.0.0.1")] == [b"DE", b"CH"]


def test_the_layout_of_ipinfo_is_read_too(tmp_path: Path) -> None:
    locate = opened([write_mmdb(tmp_path / "ipinfo.mmdb", IPINFO)])
    assert locate is not None
    assert locate("192.0.2.7") == Place(b"DE", b"AS3320 Deutsche Telekom AG")
    assert locate("198.51.100.1") == Place(b"US", b"")
    assert locate("2001:db8::1") == Place(b"", b"AS64500")


def test_what_a_database_says_of_itself_is_known(tmp_path: Path) -> None:
    found = open_database(write_mmdb(tmp_path / "asn.mmdb", ASNS, "Test-ASN"))
    assert (found.type, found.built) == ("Test-ASN", MADE)
    assert (found.countries, found.asns) == (False, True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file or directory; "),
        (b"", "no database in MaxMind's format; "),
        (b"127.0.0.1 - - an access log\n" * 99, "no database in MaxMind's format; "),
        (b"\xab\xcd\xefMaxMind.com", "no database in MaxMind's format; "),
        (b"\xab\xcd\xefMaxMind.com\xe1\x41a\xa1\x05", "no database in MaxMind's format; "),
    ],
)
def test_a_file_that_is_no_database_is_told(
    content: bytes | None, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "x\x1b[2J.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"x\\x1b\[2J\.mmdb: " + problem) as raised:
        opened([str(path)])
    assert "\n" not in str(raised.value)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        opened([str(tmp_path)])


def test_a_database_of_something_else_is_told(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "isp.mmdb", {"192.0.2.0/24": {"isp": "x"}}, "Test-\x1bISP")
    with pytest.raises(UsageError, match=r"a database of Test-\\x1bISP, without countries or ASNs"):
        opened([path])


@pytest.mark.parametrize("damage", range(0, 3_000, 97))
def test_a_damaged_database_is_refused_or_knows_less(damage: int, tmp_path: Path) -> None:
    path = tmp_path / "country.mmdb"
    write_mmdb(path, COUNTRIES)
    content = bytearray(path.read_bytes())
    for at in range(damage % len(content), len(content), 300):
        content[at] ^= 0xFF
    path.write_bytes(content)
    try:
        locate = opened([str(path)])
    except UsageError:
        return
    assert locate is not None
    for address in ("192.0.2.7", "2001:db8::1", "255.255.255.255"):
        assert isinstance(locate(address), Place)


def test_the_reader_is_not_loaded_without_a_database() -> None:
    code = (
        "import sys; import logmon_tui.cli.watch, logmon_tui.cli.report; "
        "from logmon_tui.lookups.places import opened; opened([]); "
        "print('maxminddb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
