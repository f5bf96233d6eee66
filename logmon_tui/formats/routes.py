r"""Routes: paths with the parts that name one thing, such as `42`, put as `:id`; and sections.

The rules stand here, and what they give for one path; `route_columns` applies them to columns.
Importing this module is cheap, because settings are made of it before the first paint.

A segment, what stands between two `/`, is put as `:id` if the whole of it is

- a number, or numbers joined by `-`, `_`, `,` or `:` (also as `%2C`, `%3A`): `42`, `1,2,3`, a date
  such as `2026-11-22` or `20261122`; or a date with a time, `2026-11-22T08:26:40Z`
- a UUID
- 8 or more hexadecimal digits, with or without a leading `0x`
- 20 or more small letters and digits; or 20 or more of `A-Za-z0-9_-`, where somewhere a capital
  follows a digit with at most small letters between, as in random tokens and in no title
- an e-mail address: something, `@` or `%40`, and a domain of at least two labels, of which each
  is a number or begins with a letter (`logo@2x.png` and `vue@3.2.1` are none)

and a digit or an `@` stands in it: `facade` and `deadbeef` are words. Up to two file endings of
2 to 5 characters stay behind it: `/users/42.json` gives `/users/:id.json`. Three segments that are
year, month and day are one `:id`. All else stays as it is: `v2`, `3.11`, `jquery-3.2.1.min.js`.
"""

import re
from dataclasses import dataclass

import msgspec

ID = ":id"
"""What stands in a route for a part that names one thing."""

# These mean the same to Python's re and to RE2. `$` they understand differently.
_ENDING = r"(?:\.[A-Za-z][0-9A-Za-z]{1,4}){0,2}"
_NUMBERS = r"[0-9]+(?:(?:[-_,:]|%2[Cc]|%3[Aa])[0-9]+)*"
_TIME = r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9][0-9:.%AaZ+-]*"
_UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_HASH = r"(?:0x)?[0-9A-Fa-f]{8,}"
_LABEL = r"(?:[A-Za-z][0-9A-Za-z-]*|[0-9]+)"
_EMAIL = rf"[^@]+(?:@|%40){_LABEL}(?:\.{_LABEL})*\.[A-Za-z]{{2,}}"

CANDIDATE = r"[0-9@]"
"""What a path or segment must hold for any rule to apply."""
PLAIN_ID = rf"(?:{_NUMBERS}|{_TIME}|{_UUID}|{_HASH}|[0-9a-z]{{20,}}|{_EMAIL})({_ENDING})"
"""A whole segment that is put as `:id`, and the endings that stay."""
RANDOM_MARK = r"[0-9][a-z]*[A-Z]"
"""What a segment must hold for `RANDOM` to apply."""
RANDOM = rf"[0-9A-Za-z_-]{{20,}}({_ENDING})"
"""A whole segment that is put as `:id` if it is marked, and the endings that stay."""
DATE = r"/(?:19|20)[0-9]{2}/(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])"
"""Year, month and day; a `/` or the end of the path must follow."""

_CANDIDATE = re.compile(CANDIDATE.encode())
_PLAIN_ID = re.compile(PLAIN_ID.encode())
_RANDOM_MARK = re.compile(RANDOM_MARK.encode())
_RANDOM = re.compile(RANDOM.encode())
_DATE = re.compile(DATE.encode() + rb"(/|\Z)")


class OwnRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    r"""A rule of the user's own: whatever `pattern` matches in a path becomes `replace`.

    `pattern` is a regular expression as RE2 has it (https://github.com/google/re2/wiki/Syntax) and
    sees bytes; `replace` may hold `\1` … `\9` for its groups, and `\0` for the whole match.
    """

    pattern: str
    replace: str

    def applied(self, path: bytes) -> bytes:
        """Return `path` with every match replaced. RE2 takes linear time, whoever wrote the path.

        Raises pyarrow's ArrowInvalid for a rule that has a problem.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        text = pa.scalar(path, pa.binary())
        replaced: bytes = pc.replace_substring_regex(
            text, pattern=self.pattern, replacement=self.replace
        ).as_py()
        return replaced

    def problem(self) -> str | None:
        """Return what is wrong with the rule, if anything is."""
        import pyarrow as pa

        try:
            self.applied(b"/")
        except pa.ArrowInvalid as error:
            return f"{self.pattern!r} to {self.replace!r}: {_explained(str(error))}"
        return None


@dataclass(frozen=True, slots=True)
class Routing:
    """How paths are summed up: into sections of `section_depth` segments, and into routes.

    `own` rules come before the others, in their order, each on what the one before has left.
    """

    section_depth: int = 1
    own: tuple[OwnRoute, ...] = ()
    routes: bool = False
    """Whether hits are counted by route at all."""

    def section_of(self, path: bytes) -> bytes:
        """Return what stands before the second `/`, or at depth N before the one after N segments.

        `*`, `host:port` and what else is no path stay as they are.
        """
        end = 0 if path.startswith(b"/") else -1
        for _ in range(self.section_depth):
            if end >= 0:
                end = path.find(b"/", end + 1)
        return path if end < 0 else path[:end]

    def route_of(self, path: bytes) -> bytes:
        """Return the route of a path by the rules above; what does not start with `/` stays."""
        if not path.startswith(b"/"):
            return path
        for rule in self.own:
            path = rule.applied(path)
        return without_ids(path) if _CANDIDATE.search(path) else path


def without_ids(path: bytes) -> bytes:
    """Return a path, in which `CANDIDATE` is found, with `:id` where the rules above say so."""
    return b"/".join(map(_named, _DATE.sub(rb"/:id\1", path).split(b"/")))


def _named(segment: bytes) -> bytes:
    if not _CANDIDATE.search(segment):
        return segment
    found = _PLAIN_ID.fullmatch(segment)
    if found is None and _RANDOM_MARK.search(segment):
        found = _RANDOM.fullmatch(segment)
    return ID.encode() + found[1] if found else segment


def _explained(message: str) -> str:
    """Turn RE2's message into what is wrong and why."""
    what = message[0].lower() + message[1:]
    if re.search(r"perl operator: \(\?[=!<]", what):
        return f"{what}; RE2, which always ends in time, has no lookaround"
    if re.search(r"escape sequence: \\[1-9]", what):
        return f"{what}; RE2, which always ends in time, has no backreferences"
    return what
