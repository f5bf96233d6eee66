"""Amazon Web Services: application and classic load balancers, S3."""

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.delimited.variant_format import VariantFormat
from logmon_tui.formats.model.converters import Clock, Duration, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform

Items = tuple[bytes | Token | Field, ...]

_REST = token(Field.OTHER, rest=True, optional=True)
_CLIENT = token(Field.HOST, transform=Transform.PORT_CUT)
_ISO = token(Field.TIME, Clock.ISO)
_UPSTREAM_SECONDS = token(Field.UPSTREAM_TIME, Duration(Unit.SECONDS))

# Request, target and response processing time; ELB's and the target's status; both sizes.
_BALANCED: Items = (
    *(_CLIENT, b" ", Field.OTHER, b" ", Field.RESPONSE_TIME, b" ", _UPSTREAM_SECONDS),
    *(b" ", Field.RESPONSE_TIME, b" ", Field.STATUS, b" ", Field.OTHER),
    *(b" ", Field.BYTES_IN, b" ", Field.SIZE, b' "', Field.REQUEST, b'" "', Field.USER_AGENT),
    *(b'" ', Field.OTHER, b" ", Field.TLS),
)

ALB = DelimitedFormat.of(
    "alb",
    *(Field.OTHER, b" ", _ISO, b" ", Field.OTHER, b" ", *_BALANCED, b" ", Field.OTHER, b' "'),
    *(Field.OTHER, b'" "', Field.VIRTUAL_HOST, b'"', _REST),
    times_are_parts=True,
    messages=b"Enable AccessLog",
    example=(
        "https 2026-11-22T08:26:40.186641Z app/my-loadbalancer/50dc6c495c0c9188"
        " 203.0.113.5:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 34 366"
        ' "GET https://www.example.com:443/ HTTP/1.1" "curl/8.5.0"'
        " ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2"
        ' "Root=1-58337281-1d84f3d7" "www.example.com" "-" 0 2026-11-22T08:26:40.100000Z "forward"'
    ),
)
"""docs.aws.amazon.com/elasticloadbalancing: fields that AWS added later follow these."""

ELB = DelimitedFormat.of(
    "elb",
    *(_ISO, b" ", Field.OTHER, b" ", *_BALANCED),
    times_are_parts=True,
    messages=b"Enable AccessLog",
    example=(
        "2026-11-22T08:26:40.945958Z my-loadbalancer 203.0.113.5:2817 10.0.0.1:80"
        ' 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1"'
        ' "curl/8.5.0" - -'
    ),
)

_MILLISECONDS = Duration(Unit.MILLISECONDS)
_S3: Items = (
    *(Field.OTHER, b" ", Field.VIRTUAL_HOST, b" [", Field.TIME, b"] ", Field.HOST, b" "),
    *(Field.USER, b" ", Field.OTHER, b" ", Field.OTHER, b" ", Field.OTHER, b' "'),
    *(Field.REQUEST, b'" ', Field.STATUS, b" ", Field.OTHER, b" ", Field.SIZE, b" "),
    *(Field.OTHER, b" ", token(Field.RESPONSE_TIME, _MILLISECONDS), b" "),
    *(token(Field.UPSTREAM_TIME, _MILLISECONDS), b' "', Field.REFERRER, b'" "'),
    *(Field.USER_AGENT, b'" ', Field.OTHER),
)
_S3_LINE = (
    "79a59df900b949e5 my-bucket [22/Nov/2026:08:26:40 +0000] 203.0.113.5 79a59df900b949e5"
    ' 3E57427F3EXAMPLE REST.GET.OBJECT puppy.jpg "GET /puppy.jpg HTTP/1.1" 200 - 2662992 3462992'
    ' 70 10 "-" "curl/8.5.0" - s9lzHYrFp76ZVxRcpX9 SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader'
    " my-bucket.s3.us-west-1.amazonaws.com TLSv1.2 - -"
)

S3 = VariantFormat.of(
    "s3",
    DelimitedFormat.of(
        "s3",
        *(*_S3, b" ", Field.OTHER, b" ", Field.OTHER, b" ", Field.OTHER, b" ", Field.OTHER),
        *(b" ", Field.OTHER, b" ", Field.TLS, b" ", _REST),
        example=_S3_LINE,
    ),
    DelimitedFormat.of("s3", *_S3),
)
"""docs.aws.amazon.com/AmazonS3; logs of before 2019 end with the version's id."""
