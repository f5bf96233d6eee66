"""Servers that receive what is sent: HTTP and SMTP, on ports of their own of this machine."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HttpSink(ThreadingHTTPServer):
    """Keeps every request; answers with `statuses` in turn, then with 200. 0 is no answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.phrase: str | None = None
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for *_, body in self.requests]

    def events(self) -> list[tuple[str, str]]:
        return [(event["event"], event["rule"]) for body in self.bodies for event in body["events"]]


class _Handler(BaseHTTPRequestHandler):
    server: HttpSink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if not status:
            self.server.released.wait(30)
            return
        self.send_response(status, self.server.phrase)
        if 300 <= status < 400:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.requests.append((self.command, self.path, dict(self.headers), b"{}"))
        self.send_error(405)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class SmtpSink(socketserver.ThreadingTCPServer):
    """Keeps every mail with its envelope; `answers` replace those of some commands, once each."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _SmtpHandler)
        self.mails: list[tuple[list[str], bytes]] = []
        self.commands: list[str] = []
        self.answers: dict[str, str] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _SmtpHandler(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as it takes to hand in a mail."""

    server: SmtpSink

    def handle(self) -> None:
        self.say("220 sink")
        envelope: list[str] = []
        while line := self.rfile.readline():
            command = line.decode().strip()
            self.server.commands.append(command)
            verb = command.split()[0].upper() if command else ""
            if verb in self.server.answers:
                self.say(self.server.answers.pop(verb))
            elif verb == "EHLO":
                self.say("250-sink\r\n250 AUTH PLAIN")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.mails.append((envelope, self.data()))
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                envelope += [command] if verb in {"MAIL", "RCPT"} else []
                self.say("235 in" if verb == "AUTH" else "250 fine")

    def data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(sink: HttpSink | SmtpSink) -> Iterator[None]:
    thread = threading.Thread(target=sink.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        if isinstance(sink, HttpSink):
            sink.released.set()
        sink.shutdown()
        sink.server_close()
        thread.join(60)
