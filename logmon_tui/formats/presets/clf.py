"""The Common Log Format and what is built on it, by Apache and all others."""

from logmon_tui.formats.apache import apache_format

COMMON = apache_format("common", '%h %l %u %t "%r" %>s %b')
COMBINED = apache_format("combined", '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"')
VHOST_COMBINED = apache_format(
    "vhost_combined", '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'
)
