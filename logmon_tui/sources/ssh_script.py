"""What the shell of another machine is told: a program of functions, and calls of them. Pure.

`sh` reads both from its standard input, so nothing is installed there, no other shell has to quote
anything, and it ends when that input ends. It needs only what POSIX has: `ls`, `dd`, `head`.

- Descriptor 3 is the log's own file, held open so that it can be read on after it was renamed, and
  even deleted. Those from 4 to 9 are rotated files that are being read.
- A file is told by a line with its inode, its mode and its size in bytes, or by `! ` and why not.
- `dd` moves with `skip`, and reads from there without reading what is before.
"""

import os
import shlex
from typing import NamedTuple

from logmon_tui.sources.lines import BLOCK

SMALL, LARGE = 512, 32 * 1024
"""Bytes of a block of `dd`: the place of a block is a multiple of it."""

MARK = 512
"""Maximum bytes before a place that are read again, to see that the file is still the same."""

_FUNCTIONS = r"""
LC_ALL=C
export LC_ALL
set -f
end() { printf '%s\n' "$1"; }
identity() {
  if seen=$(ls -lniLd "$1" 2>&1); then
    set -- $seen
    seen="$1 $2 $6"
  else
    seen="! ${seen##*: }"
  fi
}
tell() { identity "$1"; printf '%s\n' "$seen"; }
poll() {
  tell "$path"
  case $seen in
    "$1 "*) dd bs="$2" skip="$3" count="$4" 2>/dev/null <"$path" ;;
  esac
}
part() { tell "$stem$1"; dd bs="$2" skip="$3" count="$4" 2>/dev/null <"$stem$1"; }
list() {
  tell "$path"
  set +f
  ls -lniLtd "$stem"[._-]* 2>/dev/null | head -n 400
  set -f
}
hold() {
  tell "$path"
  case $seen in *" -"*) ;; *) return ;; esac
  if command exec 3<"$path"; then tell "$path"; else end '! Permission denied'; fi 2>/dev/null
}
hold_old() {
  tell "$stem$2"
  case $seen in *" -"*) ;; *) return ;; esac
  if eval "command exec $1<\"\$stem\$2\""; then
    tell "$stem$2"
  else
    end '! Permission denied'
  fi 2>/dev/null
}
pass() { eval "exec $1<&3 3<&-"; }
drop() { eval "exec $1<&-"; }
take() { dd bs="$2" skip="$3" count="$4" 2>/dev/null <&"$1"; }
"""


class Span(NamedTuple):
    """The blocks that hold some bytes of a file: those from `start` on come after `lead` others."""

    block: int
    skip: int
    blocks: int
    lead: int

    @classmethod
    def of(cls, start: int, length: int) -> "Span":
        """Return the blocks with the `length` bytes from `start` on, and a few more."""
        block = LARGE if length > 4 * LARGE else SMALL
        skip, lead = divmod(start, block)
        return cls(block, skip, -(-(lead + length) // block), lead)

    @property
    def words(self) -> str:
        """The arguments of the shell's functions."""
        return f"{self.block} {self.skip} {self.blocks}"


def program(path: str) -> bytes:
    """Return what defines the functions for the log at `path`, an absolute path."""
    stem = os.path.splitext(path)[0]  # noqa: PTH122 - as a string
    names = f"path={shlex.quote(path)}\nstem={shlex.quote(stem)}\n"
    return os.fsencode(names + _FUNCTIONS)


def poll(inode: int, span: Span) -> bytes:
    """Tell the log's own file; print a span of it if it is still this file."""
    return f"poll {inode} {span.words}".encode()


def part(ending: str, span: Span) -> bytes:
    """Tell the file whose name is the log's without its ending, and `ending`; print a span."""
    return os.fsencode(f"part {shlex.quote(ending)} {span.words}")


def take(descriptor: int, span: Span) -> bytes:
    """Print a span of a file that is held open, counted from where the last one ended."""
    return f"take {descriptor} {span.words}".encode()


def hold_old(descriptor: int, ending: str) -> bytes:
    """Tell the file with this ending before and after it was opened."""
    return os.fsencode(f"hold_old {descriptor} {shlex.quote(ending)}")


def pass_on(descriptor: int) -> bytes:
    """Move the log's own file, as it was opened, to a descriptor: another took its place."""
    return f"pass {descriptor}".encode()


def drop(descriptor: int) -> bytes:
    """Close a rotated file; one that was deleted then frees its room."""
    return f"drop {descriptor}".encode()


LIST = b"list"
"""Tell the log's own file, then list those whose names may derive from its name, newest first."""

HOLD = b"hold"
"""Tell the log's own file before and after it was opened."""

OWN = 3
"""The descriptor of the log's own file."""

OLD = range(4, 10)
"""The descriptors of rotated files; POSIX has no further ones."""

FILE_BYTES = 2 * BLOCK
"""Bytes of a file that are asked for at once."""
