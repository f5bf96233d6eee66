"""The formats known by name. A new one is a file here, and a line in `PRESETS`."""

from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.presets.clf import COMBINED, COMMON, VHOST_COMBINED

PRESETS: tuple[LogFormat, ...] = (COMBINED, COMMON, VHOST_COMBINED)
"""In the order in which recognition prefers them."""
