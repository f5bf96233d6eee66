"""Writes a bundle as a folder or as a zip file, whole or not at all."""

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from logmon_tui.reports.bundle import Bundle, files_of

_SUFFIX = ".zip"


def write_bundle(bundle: Bundle, path: Path) -> Path:
    """Write a bundle as a new zip file if `path` ends so, else as a new folder; return the path.

    Only the user may read it. Raises OSError, FileExistsError if there is something at `path`.
    """
    if os.path.lexists(path):
        raise FileExistsError
    made = Path(tempfile.mkdtemp(prefix=".incident-", dir=path.parent))
    try:
        for name, content in files_of(bundle):
            (made / name).write_bytes(content)
        if path.suffix.lower() == _SUFFIX:
            _zip(made, path)
        else:
            made.rename(path)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return path


def _zip(folder: Path, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for each in sorted(folder.iterdir()):
                archive.write(each, f"{path.stem}/{each.name}")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
