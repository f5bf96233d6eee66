"""What to do about a log of which no line parses. Pure."""

from logmon_tui.formats.model.unparsed import UNKNOWN_FORMAT, UnparsedLine


def advice(unparsed: UnparsedLine | None) -> str:
    """Return what to do, judging by the first unparsed line; "" if there is no such line."""
    if unparsed is None:
        return ""
    if unparsed.reason != UNKNOWN_FORMAT:
        return "check its format; logmon-tui formats LOG tells how each field reads"
    if unparsed.line.lstrip().startswith(b"{"):
        return "describe its keys under [formats.NAME] in the settings file"
    return "give its format with --format or --nginx-conf; logmon-tui formats lists what is known"
