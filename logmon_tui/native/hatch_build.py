"""The build hook: compiles the scanner into the wheel, or beside its source in an editable install.

Without a compiler, the build requires the ziglang package, which contains one. If compilation
fails, the installation still succeeds: the program then reads by the line parser, slowly, and says
so.
"""

import importlib.util
import os
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path("logmon_tui", "native")


class ScannerBuildHook(BuildHookInterface[Any]):
    """Compiles `scan.c` and tags the wheel for this platform and any version of Python 3."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return the packages that the build needs: a compiler, if none is installed."""
        build = self._build()
        unwanted = os.environ.get(build.MODE_VARIABLE) == "off"
        return [] if unwanted or build.compilers() else ["ziglang>=0.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile the scanner and put it into the wheel."""
        build = self._build()
        build.LIBRARY.unlink(missing_ok=True)  # it may stem from other sources
        if os.environ.get(build.MODE_VARIABLE) == "off":
            return
        try:
            library = build.build()
        except build.BuildError as error:
            if os.environ.get(build.MODE_VARIABLE) == "required":
                raise
            self.app.display_warning(f"The scanner is not compiled, logs are read slowly: {error}")
            return
        build_data["artifacts"].append(f"/{(HERE / library.name).as_posix()}")
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"

    def _build(self) -> ModuleType:
        # The project is not installed yet, so its package cannot be imported.
        path = Path(self.root, HERE, "build.py")
        spec = importlib.util.spec_from_file_location("logmon_scanner_build", path)
        if spec is None or spec.loader is None:
            message = f"{path} is missing"
            raise FileNotFoundError(message)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
