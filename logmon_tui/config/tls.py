"""How a server of this program speaks TLS: by a certificate and its key, as files."""

import ssl
from pathlib import Path

from logmon_tui.config.secret_file import secret_bytes, shown
from logmon_tui.errors import UsageError


def server_tls(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return how TLS is spoken; without `key` the certificate's file has it too.

    Raises UsageError for files that cannot be used, or whose key others may read.
    """
    key = certificate if key is None else key
    secret_bytes(key)  # checks that nobody else may read it
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password a key that needs one would ask for it on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        files = " and ".join(dict.fromkeys((shown(certificate), shown(key))))
        why = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else ""
        told = why or "they are no certificate and its key in PEM, the key without a password"
        raise UsageError(f"{files}: {told}") from error
    return context
