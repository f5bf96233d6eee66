"""Which log is read without a LOG argument, and which argument stands for standard input."""

DEFAULT_LOG = "/tmp/access.log"  # noqa: S108 - the seeds' contract, only ever read
STANDARD_INPUT = "-"
"""The LOG argument that stands for standard input."""
