"""Nothing that stands in a log, its name, or an option commands the terminal that shows it.

The program runs on a real terminal or pipe; what it wrote there is looked through byte by byte.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.escape import decoded, printable, readable
from logmon_tui.tui.panels.memory import recall
from tests.e2e.pseudo_terminal import OWN_SEQUENCES, PseudoTerminal
from tests.hostile import (
    PAYLOADS,
    combined,
    harm,
    hostile_methods,
    value,
    vhost_combined,
    without_format,
)

pytestmark = pytest.mark.slow

HUGE = (340, 200)
"""Columns and rows of a terminal on which every payload shows at once, in full."""

NAME = "log\x1b]0;zqname\x07\x9d\u202e[red]\n.log"
# Every line stays in the windows, and each client fires.
LIMITS = ("--from-start", "--stats-interval", "3600", "--alert-window", "600")
LIMITS += ("--ddos-threshold", "0.001")

# Key, title, field of the log that it shows, the first of its payloads that must be seen.
PANELS = (
    ("1", "1 Traffic", "", 0),
    ("3", "3 Status", "", 0),
    ("4", "4 Alerts", "host", 0),
    ("5", "5 Clients", "host", 0),
    ("6", "6 Paths", "path", 0),
    ("7", "7 User agents", "agent", 0),
    ("8", "8 Users", "user", 0),
    ("9", "9 Tail", "vhost", 0),
    ("0", "0 Ingest", "line", PAYLOADS - 5),
    ("M", "M Methods", "", 0),  # what is no method by its characters is none
    ("V", "V Virtual hosts", "vhost", 0),
    ("R", "R Referrers", "referrer", 0),
    ("T", "T TLS", "", 0),
    ("L", "L Logs", "", 0),
)
CLICK_COLUMNS = {"4 Alerts": 30}
"""Where a click meets the text of a payload, 5 in other panels."""

Start = Callable[..., PseudoTerminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Run the full-screen program on a log, on a terminal of its own."""
    terminals = []

    def run(log: bytes, *options: str, size: tuple[int, int] = (120, 40)) -> PseudoTerminal:
        (tmp_path / NAME).write_bytes(log)
        program = [sys.executable, "-m", "logmon_tui", *LIMITS, "--no-bell"]
        terminals.append(PseudoTerminal([*program, *options, NAME], tmp_path, *size))
        return terminals[-1]

    yield run
    for terminal in terminals:
        terminal.close()


def spelt(field: str, first: int = 0, *, decoding: bool = True) -> list[str]:
    """Return the payloads of a field as they must be shown."""
    shown = readable if decoding and field in {"path", "referrer"} else printable
    return [shown(value(number, field)) for number in range(first, PAYLOADS)] if field else []


def press(terminal: PseudoTerminal, keys: str, *texts: str) -> None:
    """Type, then wait for what shows that the keys were obeyed."""
    before = terminal.mark()
    terminal.type(keys)
    terminal.wait_for(*texts, since=before)


def poke(terminal: PseudoTerminal, column: int) -> None:
    """Point at each row and click on it, move the cursor, sort; see that the program answers.

    The end key is pressed last of those that move: in the graph it leads back to the present.
    """
    for row in range(3, terminal.rows):
        terminal.type(f"\x1b[<35;{column};{row}M")
        terminal.click(column, row)
    terminal.type("\x1b[B\x1b[B\x1b[Aj\x1b[6~\x1b[5~Gg\x1b[Fsrmm+-vv")
    press(terminal, "?", "Keys and signs")
    terminal.type("q")


def test_no_panel_lets_the_log_do_more_than_be_shown_and_selected(
    start: Start, tmp_path: Path
) -> None:
    makers = (hostile_methods, without_format, vhost_combined)
    lines = [make(number) for make in makers for number in range(PAYLOADS)]
    terminal = start(b"".join(lines), "--show", "sections", size=HUGE)
    sections = [readable(value(number, "path")).split("/")[1] for number in range(PAYLOADS)]
    terminal.wait_for("2 Sections", "vhost_combined", printable(NAME), *sections)
    poke(terminal, 5)
    press(terminal, "2", "No panel is shown")
    for key, title, field, first in PANELS:
        texts = spelt(field, first)
        if title == "V Virtual hosts":  # behind a colon stands the port
            texts = [text.partition(":")[0] for text in texts]
        press(terminal, key, title, *texts)
        poke(terminal, CLICK_COLUMNS.get(title, 5))
        press(terminal, key, "No panel is shown")
    terminal.type("q")
    assert terminal.wait() == 0
    assert harm(terminal.output, OWN_SEQUENCES) == set()
    remembered = recall(tmp_path / "state" / "logmon-tui" / "screen.json")
    assert (remembered.show, remembered.theme) == ((), None)


def numbered(template: str) -> int:
    """Return the number of the payload in which `template` stands."""
    return next(n for n in range(PAYLOADS) if template in value(n, "host").decode(errors="replace"))


def test_no_toast_or_incident_window_obeys_the_log(start: Start, tmp_path: Path) -> None:
    terminal = start(combined(numbered("{")), "--show", "sections")
    terminal.wait_for("2 Sections", "LIVE")
    host = ""
    for second, kind in ((20, "\x1b]0;"), (30, "\u202e"), (40, "[/zq"), (50, "[@click=app.quit]")):
        before = terminal.mark()
        with (tmp_path / NAME).open("ab") as log:
            log.write(combined(numbered(kind), second))
        host = printable(value(numbered(kind), "host"))
        terminal.wait_for(f"Noisy client {host}", since=before)  # in a toast: no panel shows it
    for row in range(3, terminal.rows):
        terminal.click(terminal.columns - 20, row)
    press(terminal, "4", "4 Alerts")
    # The last to fire stands first.
    press(terminal, "\r", "triggered", f"High traffic from {host} generated an alert")
    for row in range(3, terminal.rows):
        terminal.click(terminal.columns // 2, row)
    press(terminal, "q", "4 Alerts")
    poke(terminal, 30)
    terminal.type("q")
    assert terminal.wait() == 0
    assert harm(terminal.output, OWN_SEQUENCES) == set()


def test_the_banner_obeys_no_line(start: Start) -> None:
    lines = [without_format(number) for number in range(PAYLOADS)]
    # Without zeros, and followed by text: of a binary file only its kind would be told.
    one_line = b"".join(lines).replace(b"\n", b"").replace(b"\0", b"")
    text = b"a line in no format\n" * 1_000
    terminal = start(one_line + b"\n" + text + b"".join(lines), size=(340, 40))
    terminal.wait_for("parses: no known log format", *spelt("line")[:5])
    poke(terminal, 5)
    terminal.type("q")
    assert terminal.wait() == 0
    assert harm(terminal.output, OWN_SEQUENCES) == set()


ALL_STATISTICS = "traffic,sections,status,alerts,clients,paths,agents,users,methods,size"
LINES = b"".join(map(hostile_methods, range(PAYLOADS)))
LINES += b"".join(map(vhost_combined, range(PAYLOADS)))


def test_text_on_a_terminal_obeys_neither_a_log_nor_its_name(tmp_path: Path) -> None:
    options = (*LIMITS, "--stats-interval", "1", "--output", "text", "--show", ALL_STATISTICS)
    program = [sys.executable, "-m", "logmon_tui", *options, "--top", "0", NAME]
    terminal = PseudoTerminal(program, tmp_path, 340, 40)
    try:
        terminal.wait_for(f"{printable(NAME)}: waiting for a log that matches")
        (tmp_path / NAME).write_bytes(LINES)
        alerts = [f"▲ High traffic from {host} generated an alert" for host in spelt("host")]
        terminal.wait_for(*spelt("user"), *spelt("agent"), *spelt("path"), *alerts)
        terminal.process.terminate()
        assert terminal.wait() == 0
        assert harm(terminal.output, OWN_SEQUENCES) == set()
    finally:
        terminal.close()


WATCH = ("watch", *LIMITS, "--top", "0")
REPORT = ("report", *LIMITS[-4:], "--top", "0")
FIELDS = ("host", "user", "path", "agent")


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ((*REPORT, NAME), (*FIELDS, "referrer")),
        ((*REPORT, "--output", "csv", NAME), (*FIELDS, "referrer")),
        ((*WATCH, "--output", "text", "--show", ALL_STATISTICS, "-"), FIELDS),
    ],
)
def test_text_and_csv_hold_the_payloads_spelt_out(
    tmp_path: Path, arguments: tuple[str, ...], fields: tuple[str, ...]
) -> None:
    printed = output(tmp_path, *arguments)
    assert harm(printed) == set()
    text = printed.decode()
    decoding = "csv" not in arguments
    payloads = [each for field in fields for each in spelt(field, decoding=decoding)]
    assert [each for each in payloads if each not in text] == []


@pytest.mark.parametrize(
    "arguments", [(*REPORT, "--output", "json", NAME), (*WATCH, "--output", "json", "-")]
)
def test_json_holds_the_payloads_themselves_in_ascii(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    printed = output(tmp_path, *arguments)
    assert harm(printed) == set()
    assert printed.isascii()
    hosts = {row["host"] for row in json.loads(printed)["hosts"]}
    assert hosts == {decoded(value(number, "host")) for number in range(PAYLOADS)}


def output(folder: Path, *arguments: str) -> bytes:
    """Return all that the program prints about the hostile lines, by name or on its input."""
    (folder / NAME).write_bytes(LINES)
    homes = {"XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    done = subprocess.run(
        [sys.executable, "-m", "logmon_tui", *arguments],
        cwd=folder,
        input=LINES,
        capture_output=True,
        env={**os.environ, **homes},
        check=True,
    )
    return done.stdout + done.stderr
