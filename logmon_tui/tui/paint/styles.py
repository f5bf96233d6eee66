"""Themes, colour variables, and the check of a user's stylesheet before it is used."""

import re
from pathlib import Path

from textual.css.errors import StylesheetError
from textual.css.stylesheet import Stylesheet, StylesheetParseError
from textual.css.tokenizer import TokenError
from textual.theme import BUILTIN_THEMES, Theme

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

DARK = Theme(
    name="logmon-dark",
    primary="#5aa9f7",
    secondary="#4cc9d6",
    accent="#c792ea",
    success="#4fbf72",
    warning="#e6b450",
    error="#ff5f6d",
    foreground="#d5dbe5",
    background="#0d1117",
    surface="#11161e",
    panel="#1a212c",
    dark=True,
    variables={"border-blurred": "#323c4b", "border": "#5aa9f7", "status-3xx": "#4cc9d6"},
)

LIGHT = Theme(
    name="logmon-light",
    primary="#0b62c4",
    secondary="#0a7c8c",
    accent="#7a3eb1",
    success="#1d8a45",
    warning="#a86400",
    error="#cc1f2f",
    foreground="#1c2430",
    background="#fbfcfd",
    surface="#f1f4f8",
    panel="#e3e9f0",
    dark=False,
    variables={"border-blurred": "#bcc6d2", "border": "#0b62c4", "status-3xx": "#0a7c8c"},
)

OWN_THEMES = (DARK, LIGHT)
DEFAULT_THEME = DARK.name


def theme_names() -> list[str]:
    """Return the names of all themes, our own first."""
    return [theme.name for theme in OWN_THEMES] + sorted(BUILTIN_THEMES)


def check_theme(name: str) -> None:
    """Raise UsageError, which lists all themes, if no theme is called `name`."""
    if name not in theme_names():
        names = ", ".join(theme_names())
        raise UsageError(f"no theme is called {printable(name)}; there are {names}")


def status_variables(theme: Theme) -> dict[str, str]:
    """Return the colours of status classes and of the past, for themes that do not set them."""
    colours = theme.to_color_system().generate()
    return {
        "status-2xx": colours["success"],
        "status-3xx": "#4cc9d6" if theme.dark else "#0a7c8c",
        "status-4xx": colours["warning"],
        "status-5xx": colours["error"],
        "time-past": "#f28fd0" if theme.dark else "#a3177f",
    }


_MARKUP = re.compile(r"\[/?[a-z][a-z ]*\]|\[/\]")


def check_css(path: Path) -> None:
    """Raise UsageError, `file:line: what`, if the stylesheet at `path` has errors."""
    name = printable(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not a stylesheet: it is not UTF-8 text") from error
    except OSError as error:
        message = f"{name}: cannot be read: {error.strerror}; give another file with --css"
        raise UsageError(message) from error
    variables = DARK.to_color_system().generate()
    sheet = Stylesheet(variables={**status_variables(DARK), **variables, **DARK.variables})
    sheet.add_source(text, read_from=(str(path), ""))
    try:
        sheet.parse()
    except StylesheetParseError as error:
        raise UsageError(_first_error(name, error)) from error
    except TokenError as error:
        # Textual reports a missing brace on the line after the last.
        line = min(error.start[0], len(text.splitlines()))
        raise UsageError(_located(name, line, str(error))) from error
    except StylesheetError as error:
        raise UsageError(f"{name}: {printable(_one_line(str(error)))}") from error


def _first_error(name: str, error: StylesheetParseError) -> str:
    for rule in error.errors.rules:
        for token, message in rule.errors:
            text = message if isinstance(message, str) else message.summary
            return _located(name, token.location[0] + 1, text)
    return f"{name}: not a valid stylesheet"


def _located(name: str, line: int, message: str) -> str:
    return f"{name}:{line}: {printable(_one_line(message))}"


def _one_line(message: str) -> str:
    """Return Textual's message without its markup and line breaks."""
    return " ".join(_MARKUP.sub("", message).replace(".;", ";").split())
