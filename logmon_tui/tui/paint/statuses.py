"""How status codes show: the signs and inks of their classes, and what each code means."""

from http import HTTPStatus

SIGNS = {1: "·", 2: "✓", 3: "→", 4: "!", 5: "✗"}

# Codes that the standard lacks: nginx's and, from 520 on, Cloudflare's.
_NONSTANDARD = {
    444: "No Response",
    494: "Request Header Too Large",
    495: "SSL Certificate Error",
    496: "SSL Certificate Required",
    497: "HTTP Sent to HTTPS Port",
    499: "Client Closed Request",
    520: "Unknown Origin Error",
    521: "Origin Is Down",
    522: "Connection Timed Out",
    523: "Origin Unreachable",
    524: "A Timeout Occurred",
}


def reason(code: int) -> str:
    """Return the reason phrase of a status code, empty if there is none."""
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return _NONSTANDARD.get(code, "")


def class_ink(status_class: int) -> str:
    """Return the component class that colours a status class."""
    return f"status--{status_class}xx" if status_class in SIGNS else "status--other"
