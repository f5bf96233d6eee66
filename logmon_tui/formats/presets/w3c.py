"""W3C extended logs: of IIS, and of whatever else writes them with spaces; of CloudFront."""

from logmon_tui.formats.w3c.w3c_format import CLOUDFRONT as CLOUDFRONT_DIALECT
from logmon_tui.formats.w3c.w3c_format import IIS, W3cFormat

W3C = W3cFormat(
    "w3c",
    "the fields that the log's #Fields line names",
    "2026-11-22 08:26:40 192.0.2.80 GET /api/user id=7 443 - 203.0.113.5 curl/8.5.0 - 200 0 0 62",
    IIS,
)
CLOUDFRONT = W3cFormat(
    "cloudfront",
    "the fields that the log's #Fields line names",
    "2026-11-22\t08:26:40\tFRA56-P4\t182\t203.0.113.5\tGET\td111111abcdef8.cloudfront.net"
    "\t/api/user\t200\t-\tcurl/8.5.0\t-\t-\tHit",
    CLOUDFRONT_DIALECT,
)
