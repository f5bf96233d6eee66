"""The panels: for each name in `config.settings.Panel`, the class in the file of that name here.

A new panel is one new file beside this one, and one line there: the command line, which knows the
names for `--show`, does not import the screen.
"""

from importlib import import_module

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.tui.panels.panel import Panel


def _panel_called(name: PanelName) -> type[Panel]:
    """Return the panel in the file of that name. Raises LookupError where there is none."""
    found = vars(import_module(f"{__package__}.{name}")).values()
    for each in found:
        if isinstance(each, type) and issubclass(each, Panel) and each.__dict__.get("NAME") is name:
            return each
    raise LookupError(f"tui/panels/{name}.py: has no Panel whose NAME is {name}")


PANELS = tuple(_panel_called(name) for name in PanelName if name is not PanelName.SIZE)
"""In the order of their keys, 1 to 9 and 0, then the capitals."""
