"""What a file is recognised by, and how far it was read. Quick to import, unlike `base`."""

import os
from typing import NamedTuple


class Identity(NamedTuple):
    """Device and inode of a file: they stay the same when it is renamed."""

    device: int
    inode: int


class Place(NamedTuple):
    """How far a file has been read, and digests by which to recognise the file again.

    `head` and `mark` are digests of the first and of the last bytes before `offset`, each of 1 KiB
    at most. Device numbers change and inodes are reused, but two logs hardly ever hold the same
    bytes at both places. The last `held` bytes before `offset` are an unfinished line, not handed
    over yet; `skipping` says that `offset` lies inside a line that is too long. `id` names these
    contents, and never others, where `Slicing` gives files such names; `size` is then the size of
    the file as last seen, else 0.
    """

    offset: int = 0
    head: bytes = b""
    mark: bytes = b""
    held: int = 0
    skipping: bool = False
    id: bytes = b""
    size: int = 0


class FilePosition(NamedTuple):
    """One file of a log, and how far it has been handed over."""

    identity: Identity
    place: Place


class KnownFile(NamedTuple):
    """An old file beside the log, which must not be read.

    `head` is the digest of its first `length` bytes.
    """

    identity: Identity
    length: int
    head: bytes


def identity_of(result: os.stat_result) -> Identity:
    """Return the identity of a file from its `os.stat` result."""
    return Identity(result.st_dev, result.st_ino)
