"""The user's folders: of the settings file, and of what is kept from run to run."""

from pathlib import Path

import platformdirs

_NAME = "logmon-tui"


def config_folder() -> Path:
    """Return the folder of the settings file that is used without `--config`."""
    return platformdirs.user_config_path(_NAME)


def state_folder() -> Path:
    """Return the folder of what is kept from run to run."""
    return platformdirs.user_state_path(_NAME)
