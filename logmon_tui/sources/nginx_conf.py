"""nginx's configuration: which access logs nginx writes, and in which formats.

Included files are read too. Source: nginx.org/en/docs/http/ngx_http_log_module.html.
"""

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from logmon_tui.errors import FormatError, UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets.clf import COMBINED
from logmon_tui.formats.servers.nginx import VARIABLE, nginx_format
from logmon_tui.formats.servers.nginx_syntax import (
    Directive,
    NginxSyntaxError,
    directives,
    log_format_of,
)

_NO_HTTP = {"stream", "mail"}
"""Blocks whose logs do not hold HTTP requests."""

_NO_FILES = ("syslog:", "/dev/", "memory:", "|")
"""Prefixes of log targets that are not readable files."""


@dataclass(frozen=True)
class NginxLog:
    """An access log: its path, or a pattern if its name contains variables.

    `format_name` names its log_format. `where` is the file and line of its directive. A log that
    nginx writes `compressed` cannot be watched.
    """

    path: str
    format_name: str
    where: str
    compressed: bool = False


@dataclass
class NginxConf:
    """The logs of a configuration, and its `formats`: by name, definition and file:line."""

    file: Path
    logs: list[NginxLog] = field(default_factory=list)
    formats: dict[str, tuple[str, str]] = field(default_factory=dict)

    def format_of(self, log: NginxLog) -> LogFormat:
        """Return the format of one of `logs`. Raises UsageError if it is missing or invalid."""
        if log.format_name not in self.formats:
            if log.format_name == COMBINED.name:
                return COMBINED
            message = f"{log.where}: there is no log_format {printable(log.format_name)}"
            raise UsageError(f"{message}; define it, or name another")
        definition, where = self.formats[log.format_name]
        try:
            return nginx_format(log.format_name, definition)
        except FormatError as error:
            name = printable(log.format_name)
            raise UsageError(f"{where}: log_format {name}: {printable(str(error))}") from error


def read_nginx_conf(file: Path) -> NginxConf:
    """Return the access logs and log formats of the configuration in `file`.

    Raises UsageError, with file and line, if something cannot be read or parsed.
    """
    conf = NginxConf(file)
    for path, directive in _directives(file, file.parent, ()):
        where = f"{printable(str(path))}:{directive.line}"
        try:
            if directive.words[0] == "log_format":
                name, definition = log_format_of(directive)
                conf.formats[name] = definition, where
        except NginxSyntaxError as error:
            raise UsageError(f"{where}: {error}") from error
        if directive.words[0] == "access_log":
            conf.logs += _log(directive.words[1:], where, file.parent)
    return conf


def _directives(
    file: Path, root: Path, within: tuple[Path, ...]
) -> Iterator[tuple[Path, Directive]]:
    """Yield the directives of a file and of those it includes, except in `_NO_HTTP` blocks."""
    shown = printable(str(file))
    try:
        text = file.read_text(errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}; give another file") from error
    blocks: list[str] = []
    try:
        for directive in directives(text):
            if directive.end == "}":
                blocks.pop()
            elif not _NO_HTTP.intersection(blocks):
                yield file, directive
                if directive.words[0] == "include":
                    for included in _included(directive, file, root, (*within, file)):
                        yield from _directives(included, root, (*within, file))
            if directive.end == "{":
                blocks.append(directive.words[0])
    except NginxSyntaxError as error:
        raise UsageError(f"{shown}:{error.line}: {error}; nginx -t tells more") from error


def _included(directive: Directive, file: Path, root: Path, within: tuple[Path, ...]) -> list[Path]:
    """Return the files of an `include`, sorted; relative paths start at the main file's folder."""
    where = f"{printable(str(file))}:{directive.line}"
    if len(directive.words) != 2:
        raise UsageError(f"{where}: include takes one file; nginx -t tells more")
    pattern = str(root / directive.words[1])
    found = [Path(path) for path in sorted(glob.glob(pattern))]  # noqa: PTH207 - may be absolute
    if not found and not glob.has_magic(pattern):
        found = [Path(pattern)]
    known = set(map(os.path.realpath, within))
    for path in found:
        if os.path.realpath(path) in known:
            raise UsageError(f"{where}: {printable(str(path))} includes itself; leave it out")
    return found


def _log(arguments: tuple[str, ...], where: str, root: Path) -> list[NginxLog]:
    """Return the log of an `access_log`, as a list of one; empty if it is no readable file."""
    if not arguments or arguments[0] == "off" or arguments[0].startswith(_NO_FILES):
        return []
    path, *options = arguments
    # The format comes second; `buffer=`, `flush=`, `if=` and `gzip` may follow it.
    format_name = options[0] if options and "=" not in options[0] else COMBINED.name
    compressed = any(option.split("=")[0] == "gzip" for option in options[1:])
    parts = VARIABLE.split(path)[:: VARIABLE.groups + 1]
    pattern = "*".join(map(glob.escape, parts)) if len(parts) > 1 else path
    return [NginxLog(_absolute(pattern, root), format_name, where, compressed)]


def _absolute(path: str, root: Path) -> str:
    """Return a log's absolute path; relative ones start at nginx's prefix, the parent of `conf`."""
    prefix = root.parent if root.name == "conf" else root
    return str(prefix.absolute() / path)
