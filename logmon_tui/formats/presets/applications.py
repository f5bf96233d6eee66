"""Application servers and tables: uwsgi, and the Common Log Format as CSV."""

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.delimited.variant_format import VariantFormat
from logmon_tui.formats.model.converters import Clock, Duration, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform


def _uwsgi(unit: Unit, behind: bytes) -> DelimitedFormat:
    user = token(Field.USER, transform=Transform.NONE_IF_EMPTY, optional=True)
    return DelimitedFormat.of(
        "uwsgi",
        *(b"[pid: ", Field.OTHER, b"|app: ", Field.OTHER, b"|req: ", Field.OTHER, b"] "),
        *(Field.HOST, b" (", user, b") {", Field.OTHER, b" vars in ", Field.OTHER, b" bytes} ["),
        *(token(Field.TIME, Clock.CTIME), b"] ", Field.METHOD, b" ", Field.TARGET),
        *(b" => generated ", Field.SIZE, b" bytes in ", token(Field.RESPONSE_TIME, Duration(unit))),
        *(behind, b" (", Field.OTHER, b" ", Field.STATUS, b") "),
        token(Field.OTHER, rest=True),
        messages=rb"(?!\[pid: )",
        example=(
            "[pid: 7|app: 0|req: 8/12] 203.0.113.5 () {40 vars in 760 bytes}"
            " [Sun Nov 22 08:26:40 2026] GET /api/user => generated 263 bytes in 6 msecs"
            " (HTTP/1.1 200) 2 headers in 65 bytes (1 switches on core 0)"
        ),
    )


UWSGI = VariantFormat.of(
    "uwsgi",
    _uwsgi(Unit.MILLISECONDS, b" msecs"),
    _uwsgi(Unit.MICROSECONDS, b" micros"),
    _uwsgi(Unit.MILLISECONDS, b" msecs via sendfile()"),
    _uwsgi(Unit.MICROSECONDS, b" micros via sendfile()"),
)
"""uwsgi's core/logging.c: times below a millisecond, and files sent by the system, say so."""


def _quoted(field: Field) -> Token:
    return token(field, transform=Transform.UNDOUBLED, doubled=True)


def _csv(quote: bytes) -> DelimitedFormat:
    return DelimitedFormat.of(
        "csv",
        *(b'"', _quoted(Field.HOST), b'","', _quoted(Field.OTHER), b'","', _quoted(Field.USER)),
        *(b'",' + quote, token(Field.TIME, Clock.EPOCH), quote + b',"', _quoted(Field.REQUEST)),
        *(b'",' + quote, Field.STATUS, quote + b"," + quote, Field.SIZE, quote),
        messages=b'"remotehost",',
        example='"10.0.0.2","-","apache",1549573860,"GET /api/user HTTP/1.0",200,1234',
    )


CSV = VariantFormat.of("csv", _csv(b""), _csv(b'"'))
"""RFC 4180 with the fields "remotehost","rfc931","authuser","date","request","status","bytes"."""
