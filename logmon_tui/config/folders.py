"""The user's folders: of the settings file, and of what is kept from run to run."""

import os
import sys
from pathlib import Path

_NAME = "logmon-tui"


def config_folder() -> Path:
    """Return the folder of the settings file that is used without `--config`."""
    usual = _usual_folder("XDG_CONFIG_HOME", ".config")
    if usual is not None:
        return usual
    from platformdirs import user_config_path

    return user_config_path(_NAME)


def state_folder() -> Path:
    """Return the folder of what is kept from run to run."""
    usual = _usual_folder("XDG_STATE_HOME", ".local/state")
    if usual is not None:
        return usual
    from platformdirs import user_state_path

    return user_state_path(_NAME)


def _usual_folder(variable: str, below_home: str) -> Path | None:
    """Return the folder of the XDG Base Directory Specification; None where more must be known.

    So platformdirs, which takes longer to import than all settings, is needed on few machines:
    on those without HOME, and where folders have other names.
    """
    if sys.platform != "linux" or "ANDROID_ROOT" in os.environ:
        return None
    given, home = Path(os.environ.get(variable, "")), Path(os.environ.get("HOME", ""))
    if given.is_absolute():
        return given / _NAME
    return home / below_home / _NAME if home.is_absolute() else None
