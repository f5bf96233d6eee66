"""What a run of the command line gave, and a log's line."""

from collections.abc import Callable

LINE = b'10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 200 123\n'
Run = tuple[int, str, str]
RunCommand = Callable[..., Run]


def assert_one_line(result: Run, *parts: str) -> None:
    code, _, error = result
    assert code == 2
    assert error.count("\n") == 1
    assert error.startswith("logmon-tui: ")
    for part in parts:
        assert part in error
