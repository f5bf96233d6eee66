"""From what `--format` says to a format."""

from logmon_tui.errors import FormatError
from logmon_tui.formats.apache import apache_format, check_directives
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS


def named_format(text: str) -> LogFormat | None:
    """Return the format that `--format TEXT` means; None for `auto`.

    TEXT is a preset's name or an Apache LogFormat string. Raises FormatError for others.
    """
    if text == "auto":
        return None
    for preset in PRESETS:
        if preset.name == text:
            return preset
    if "%" not in text:
        if "$" in text:
            message = f"format {text!r}: nginx's log_format strings are not understood yet"
            raise FormatError(f"{message}; use auto, or an Apache LogFormat string")
        names = ", ".join(preset.name for preset in PRESETS)
        message = f"format {text!r} is not known; use auto, {names}"
        raise FormatError(f"{message}, or an Apache LogFormat string")
    log_format = apache_format("custom", text)
    check_directives(text)
    return log_format
