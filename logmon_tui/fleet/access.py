"""Access: how a broker is reached, and who one is to it; read and checked before connecting."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.config.secret_file import path_of, secret_bytes, secret_line, shown
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

PORT = 4222
SCHEMES = ("nats", "tls")
INSTALL = "pip install 'logmon-tui[fleet]'"
_EXAMPLE = "give one such as nats://broker:4222 or tls://broker:4222"
_SEED = re.compile(rb"SU[A-Z2-7]{56}")
_IN_CREDENTIALS = (b"BEGIN NATS USER JWT", b"BEGIN USER NKEY SEED")


@dataclass(frozen=True, slots=True)
class Access:
    """A checked address of a broker, and what nats-py needs to connect to it.

    `options` hold secrets, so nothing shows them.
    """

    address: str
    tls: bool
    options: dict[str, Any] = field(repr=False, default_factory=dict)


def access(settings: FleetSettings, url: str) -> Access:
    """Return how to reach the broker at `url`; reads the files that the settings name.

    Raises UsageError, which holds no secret, for an address that is none, files that cannot be read
    or may be read by others, options that contradict each other, and without nats-py.
    """
    check_installed()
    parts = _parts(url)
    tls = parts.scheme == "tls"
    options = _identity(settings)
    given = [name for name in ("ca", "certificate", "key") if getattr(settings, name) is not None]
    if given and not tls:
        raise UsageError(f"{given[0]} is for TLS; write {_shown(parts._replace(scheme='tls'))}")
    if tls:
        options["tls"] = _context(settings)
    return Access(_shown(parts), tls, options)


def check_installed() -> None:
    """Raise UsageError unless the extra `fleet` is installed."""
    from importlib.util import find_spec

    if find_spec("nats") is None:
        raise UsageError(f"brokers need nats-py, which is not installed; run {INSTALL}")


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"the broker's address is none; {_EXAMPLE}") from error
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "the broker's address holds a user or a secret; give --user and --password-file, "
            "--token-file, --credentials or --nkey instead"
        )
    odd = parts.path not in {"", "/"} or parts.query or parts.fragment
    if parts.scheme not in SCHEMES or not parts.hostname or port == 0 or odd or " " in url:
        raise UsageError(f"the broker's address is none; {_EXAMPLE}")
    return parts


def _shown(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return printable(f"{parts.scheme}://{host}:{parts.port or PORT}")


def _identity(settings: FleetSettings) -> dict[str, Any]:
    """Return the options of nats-py that say who one is: one way, or none."""
    ways: dict[str, Callable[[FleetSettings], dict[str, Any]]] = {
        "user": _by_password,
        "token_file": _by_token,
        "credentials": _by_credentials,
        "nkey": _by_nkey,
    }
    given = [way for way in ways if getattr(settings, way) is not None]
    if settings.password_file is not None and settings.user is None:
        raise UsageError("password-file needs a user; give --user too")
    if len(given) > 1:
        one, other = (way.replace("_", "-") for way in given[:2])
        raise UsageError(f"{one} and {other} both say who one is; give one of them")
    return ways[given[0]](settings) if given else {}


def _by_password(settings: FleetSettings) -> dict[str, Any]:
    if settings.password_file is None:
        raise UsageError("user needs a password; give --password-file too")
    return {"user": settings.user, "password": secret_line(path_of(settings.password_file))}


def _by_token(settings: FleetSettings) -> dict[str, Any]:
    return {"token": secret_line(path_of(settings.token_file or ""))}


def _by_credentials(settings: FleetSettings) -> dict[str, Any]:
    file = path_of(settings.credentials or "")
    content = secret_bytes(file)
    if not all(mark in content for mark in _IN_CREDENTIALS) or not _SEED.search(content):
        raise UsageError(f"{shown(file)} is no file of credentials; make it with `nsc` anew")
    _check_nkeys()
    from nats.aio.client import RawCredentials

    return {"user_credentials": RawCredentials(content.decode(errors="replace"))}


def _by_nkey(settings: FleetSettings) -> dict[str, Any]:
    file = path_of(settings.nkey or "")
    seed = secret_bytes(file).strip()
    if not _SEED.fullmatch(seed):
        raise UsageError(f"{shown(file)} is no seed of a user's nkey, which begins with SU")
    _check_nkeys()
    return {"nkeys_seed_str": seed.decode()}


def _check_nkeys() -> None:
    from importlib.util import find_spec

    if find_spec("nkeys") is None:
        raise UsageError(f"nkeys and credentials need the library nkeys; run {INSTALL}")


def _context(settings: FleetSettings) -> ssl.SSLContext:
    """Return the TLS context. Raises UsageError for certificates that cannot be used."""
    ca = None if settings.ca is None else path_of(settings.ca)
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"{shown(ca) if ca else 'ca'}: {_problem(error)}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificate is None:
        if settings.key is not None:
            raise UsageError("key needs its certificate; give --certificate too")
        return context
    certificate = path_of(settings.certificate)
    key = certificate if settings.key is None else path_of(settings.key)
    secret_bytes(key)  # checks that nobody else may read it
    try:
        # An empty password, or OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ssl.SSLError) as error:
        name = shown(certificate)
        raise UsageError(f"{name}, or its key, cannot be used: {_problem(error)}") from error
    return context


def _problem(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "is no certificate in PEM, or not the one of its key"
    return f"cannot be read: {error.strerror}"
