"""A bad day in a minute: what was asked of a real nginx, and what a watch of its log told.

Nothing is checked here. Every request is counted, so that whoever checks knows what was sent.
"""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.commands import AddSilence
from logmon_tui.pipeline.thread import PipelineThread
from tests.e2e.servers import nginx
from tests.notify.sinks import HttpSink, serving
from tests.watching import Watch, objects, wait_until

DEADLINE = 60
WINDOW = 4
BASELINE = 15
"""Seconds, both."""

LOAD_TEST = "198.51.100.7"
"""Who sends the burst; nobody wants to hear that it is noisy."""

NOISY = "203.0.113.66"
FAILING = "/api/broken"

Request = tuple[str, str]
"""A client and a path."""

CALM: Sequence[Request] = tuple(
    (f"192.0.2.{number}", path)
    for number, path in enumerate(
        ("/", "/", "/api/list", "/api/list", "/api/user?id=7", "/pages/create", "/static/a.js")
    )
)
BURST: Sequence[Request] = [(LOAD_TEST, "/static/a.js"), (LOAD_TEST, "/")] * 30
STORM: Sequence[Request] = [("203.0.113.20", FAILING)] * 4 + [("203.0.113.21", FAILING)] * 2
NOISE: Sequence[Request] = [(NOISY, "/pages/create")] * 12

SETTINGS = """\
threshold = 30
alert_window = {window}
error_rate = 0.2
ddos_threshold = 5
stats_interval = 1
output = "json"
metrics_listen = "127.0.0.1:{port}"

[rules.endpoint_errors]
enabled = true
warning = 0.1
critical = 0.4
warning_recovery = 0.05
critical_recovery = 0.2
for = 2
keep_firing_for = 2
minimum_hits = 10
labels = {{ team = "shop" }}

[rules.traffic_drop]
enabled = true
baseline = {baseline}
for = 2
keep_firing_for = 0
minimum_hits = 50
message = "Only {{value}} of the usual traffic, {{time}}"

[notify.hook]
type = "webhook"
url = "{url}/hook"
group_wait = 0
per_minute = 600

[notify.script]
type = "command"
command = ["sh", "-c", 'cat >> "$0"', "{script}"]
severity = "critical"
rules = "!ddos"
group_wait = 0
per_minute = 600
"""

_LOGGING = """
log_format by_client '$http_x_forwarded_for - $remote_user [$time_local] '
  '"$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
access_log {log} by_client;
"""

Page = dict[tuple[str, ...], float]
"""Prometheus' samples, by name and the values of the labels in the order of the labels' names."""


@dataclass
class Story:
    """All that was sent, and all that was told of it."""

    folder: Path
    sent: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """Requests by client, path and status."""
    pages: dict[str, Page] = field(default_factory=dict)
    """What Prometheus read in the course of it."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    """What `watch` printed."""
    ended: tuple[int, str] = (-1, "")
    """Its exit code, and what it wrote to standard error."""
    posted: list[dict[str, Any]] = field(default_factory=list)
    """Bodies that the webhook received."""

    @property
    def log(self) -> Path:
        return self.folder / "clients.log"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def script(self) -> Path:
        return self.folder / "script.txt"

    def printed_by(self, *command: str) -> Any:
        """Return the JSON that a command of the program prints."""
        words = [sys.executable, "-m", "logmon_tui", *command, "--output", "json"]
        return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)


class Traffic:
    """Asks nginx for pages, in bundles that lie within a second of the clock."""

    def __init__(self, address: str, sent: Counter[tuple[str, str, int]]) -> None:
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=DEADLINE)
        self._sent = sent

    def until(self, condition: Callable[[], bool], *bundles: Sequence[Request]) -> None:
        """Send the bundles each second when it has just begun, until `condition` holds."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"still sending {bundles}"
            for client, path in (request for bundle in bundles for request in bundle):
                self._send(client, path)
            time.sleep(1.2 - time.time() % 1)

    def _send(self, client: str, path: str) -> None:
        self.connection.request("GET", path, headers={"X-Forwarded-For": client})
        with self.connection.getresponse() as response:
            response.read()
            self._sent[client, path, response.status] += 1


def tell(folder: Path) -> Story:
    """Tell the story, from the first request to the end of the watch."""
    story = Story(folder)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    sink = HttpSink()
    logging = _LOGGING.format(log=story.log)
    with serving(sink), nginx(story.folder, logging) as address:
        story.settings.write_text(
            SETTINGS.format(
                window=WINDOW, baseline=BASELINE, port=port, url=sink.url, script=story.script
            )
        )
        silence_the_load_test(story)
        watch = Watch(
            str(story.log),
            story.folder,
            *("--config", str(story.settings), "--state", str(story.state), "--top", "0"),
        )
        try:
            traffic = Traffic(address, story.sent)
            with closing(traffic.connection):
                _Telling(story, watch, sink, traffic, port).all_phases()
            story.ended = watch.end(signal.SIGTERM)
        finally:
            watch.kill()
    story.lines, story.posted = objects(watch.output), sink.bodies
    return story


def silence_the_load_test(story: Story) -> None:
    """Let a run on the same state, as that of a screen, silence one client."""
    engine = PipelineThread([str(story.log)], Settings(), FormatSelector(), state_file=story.state)
    now = time.time()
    silence = Silence(now, now + 3_600, "ddos", Scope.CLIENT, LOAD_TEST.encode())
    engine.post(AddSilence(silence))
    pictures: list[int] = []
    engine.start(lambda picture: pictures.append(len(picture.alerts.silences)))
    wait_until(lambda: pictures[-1:] == [1])
    engine.stop()


@dataclass
class _Telling:
    """The phases, of which each lasts until the watch has told what it must."""

    story: Story
    watch: Watch
    sink: HttpSink
    traffic: Traffic
    port: int

    def all_phases(self) -> None:
        # Two windows at first: what rises is compared with the one before.
        self.traffic.until(lambda: len(objects(self.watch.output)) > 2 * WINDOW, CALM)
        for rule, more in (("traffic", BURST), ("endpoint_errors", STORM), ("ddos", NOISE)):
            self.traffic.until(lambda rule=rule: self.is_critical(rule), CALM, more)
            self.traffic.until(lambda: not self.firing("calm"), CALM)
        self.watch.wait_for(lambda _: self.is_critical("traffic_drop"))
        self.traffic.until(self.at_an_end, CALM)

    def is_critical(self, rule: str) -> bool:
        """Tell whether a rule is critical on the page that Prometheus reads now."""
        page = self.story.pages[rule] = scraped(self.port)
        return page.get(("logmon_alert_state", rule, "critical")) == 1

    def firing(self, name: str) -> float:
        """Return how many incidents fire, as the page tells."""
        page = self.story.pages[name] = scraped(self.port)
        return sum(page[key] for key in page if key[0] == "logmon_incidents")

    def at_an_end(self) -> bool:
        """Tell whether all has recovered, all that was sent is counted, and every message told."""
        if self.firing("end"):
            return False
        page, requests = self.story.pages["end"], self.sink.requests
        counted = page.get(("logmon_hits_total",)) == self.story.sent.total()
        told = page.get(("logmon_notifications_sent_total", "webhook", "hook")) == len(requests)
        return counted and told and self.sink.events()[-1] == ("recovered", "traffic_drop")


def scraped(port: int) -> Page:
    """Return what the exporter tells; nothing while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            page = answer.read().decode()
    except OSError:
        return {}
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
