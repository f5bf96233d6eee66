"""Finds the format that the text of `--format` means."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from logmon_tui.errors import FormatError, meant
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.late_patterns import late_pattern

_CUSTOM = "custom"
_NONE: Mapping[str, LogFormat] = MappingProxyType({})
_NGINX_LINE = late_pattern(r"\s*(?:log_format\s|')")
_APACHE_LINE = late_pattern(r'\s*(?:(?P<directive>LogFormat|CustomLog)\s|".*\\")', re.IGNORECASE)
_APACHE_WORD = late_pattern(r'"((?:[^"\\]|\\.)*+)"|(\S+)')


def named_format(
    text: str, own: Mapping[str, LogFormat] = _NONE, *, name: str | None = None
) -> LogFormat | None:
    """Return the format that `--format TEXT` means, None for `auto`.

    TEXT is the name of a preset or of one of the user's `own` formats, or an Apache LogFormat or
    nginx log_format string, also as a whole line of a configuration. A format from a string gets
    the given `name`. Raises FormatError for any other text.
    """
    if text == "auto":
        return None
    # Imported here because it takes time, and few users pass a format.
    from logmon_tui.formats.servers.nginx import VARIABLE, nginx_format

    known = {**{preset.name: preset for preset in PRESETS}, **own}
    if text in known:
        return known[text]
    if _NGINX_LINE().match(text):
        found, definition = _of_nginx_line(text)
        return nginx_format(name or found, definition)
    if _APACHE_LINE().match(text):
        found, definition = _of_apache_line(text)
        return _apache_format(name or found, definition)
    if VARIABLE.search(text):
        return nginx_format(name or _CUSTOM, text)
    if "%" in text:
        return _apache_format(name or _CUSTOM, text)
    raise FormatError(f"format {text!r} is not known{_instead(text, known)}")


def _instead(text: str, known: Iterable[str]) -> str:
    """Suggest what the user may have meant."""
    if text == "json":
        names = "JSON is recognised by its usual names with auto"
        return f"; {names}; describe others in the settings file"
    strings = "an Apache LogFormat string or an nginx log_format string"
    near = meant(text, known) or ";"
    return f"{near} logmon-tui formats lists the names; {strings} will do as well"


def _apache_format(name: str, definition: str) -> LogFormat:
    from logmon_tui.formats.servers.apache import apache_format, check_directives

    log_format = apache_format(name, definition)
    check_directives(definition)
    return log_format


def _of_nginx_line(text: str) -> tuple[str, str]:
    """Return name and string of `log_format main '…' '…';`, or of its quoted strings alone."""
    from logmon_tui.formats.servers.nginx_syntax import NginxSyntaxError, directives, log_format_of

    line = text if "log_format" in text.split() else f"log_format {_CUSTOM} {text}"
    if not line.rstrip().endswith(";"):
        line += ";"
    try:
        found = [each for each in directives(line) if each.words[:1] == ("log_format",)]
        if len(found) == 1:
            return log_format_of(found[0])
    except NginxSyntaxError as error:
        raise FormatError(f"format {text!r}: {error}; give one log_format") from error
    raise FormatError(f"format {text!r} is more than one log_format; give one")


def _of_apache_line(text: str) -> tuple[str, str]:
    r"""Return name and string of `LogFormat "…\"%r\"…" main`, or of its quoted string alone."""
    words = [
        re.sub(r'\\(["\\])', r"\1", found[1]) if found[1] is not None else found[2]
        for found in _APACHE_WORD().finditer(re.sub(r"\\\n\s*", " ", text))
    ]
    if words[0].lower() in {"logformat", "customlog"}:
        words = words[1:] if words[0].lower() == "logformat" else words[2:]
    if not words or "%" not in words[0]:
        raise FormatError(f"format {text!r} has no string with % in quotes; give a LogFormat")
    return (words[1] if len(words) > 1 else _CUSTOM), words[0]
