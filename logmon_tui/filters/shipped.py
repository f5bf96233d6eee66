"""The saved filters that come with the program; one of that name in the settings replaces one."""

from collections.abc import Mapping

_STATIC = (
    *("css", "js", "mjs", "map", "wasm"),
    *("png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "bmp", "tif", "tiff"),
    *("woff", "woff2", "ttf", "otf", "eot"),
    *("mp3", "mp4", "m4a", "m4v", "mov", "ogg", "ogv", "wav", "webm"),
    *("PNG", "JPG", "JPEG", "GIF"),
)
"""Endings of paths of static files, as in GoAccess without archives and documents, which people
ask for themselves."""

STATIC = "static"

SHIPPED: Mapping[str, str] = {STATIC: f"path:{','.join(f'*.{each}' for each in _STATIC)}"}
"""The expressions by their names."""
