"""What is no access log is told in one line."""

import bz2
import gzip
import lzma
import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.file_type import not_access_log

NGINX = b"""\
2026/11/22 12:00:00 [error] 123#0: *1 open() "/srv/x" failed (2: No such file or directory), \
client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", host: "a"
2026/11/22 12:00:01 [notice] 123#123: signal process started
"""
APACHE = b"""\
[Sun Nov 22 12:00:00.123456 2026] [core:error] [pid 35:tid 42] [client 10.0.0.1:80] AH00126: no
[Sun Nov 22 12:00:00 2026] [error] [client 10.0.0.1] File does not exist: /srv/x
[Sun Nov  1 12:00:00.123456 2026] [mpm_event:notice] [pid 1:tid 1] AH00489: configured
"""
SYSLOG = b"""\
Nov 22 12:00:00 web1 sshd[123]: Accepted publickey for root from 10.0.0.1 port 22
Nov 22 12:00:01 web1 kernel: [  12.3] oops
2026-11-22T12:00:00.123+00:00 web1 systemd[1]: Started a thing.
"""
PYTHON = b"""\
2026-11-22 12:00:00,123 INFO django.request: hello
INFO:root:hello
2026-11-22 12:00:00,123 - app.views - WARNING - slow
[2026-11-22 12:00:00 +0000] [7] [INFO] Listening at: http://0.0.0.0:8000 (7)
"""
JAVA = b"""\
2026-11-22 12:00:00.123  INFO 1 --- [main] o.s.b.Application : Started in 2 s
12:00:01.123 [main] ERROR o.s.b.Application - java.lang.NullPointerException: null
\tat com.example.Main.main(Main.java:3)
\tat com.example.Main.run(Main.java:4)
"""
TRACEBACK = b"""\
Traceback (most recent call last):
  File "app.py", line 3, in <module>
Traceback (most recent call last):
"""
ACCESS = b"""\
10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 200 123
10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /x?level=ERROR HTTP/1.0" 500 123
"""
JSON = b'{"level":"info","ts":1795262400.1,"request":{"method":"GET","uri":"/"},"status":200}\n'


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "empty lines"),
        (NGINX, "nginx error log"),
        (APACHE, "Apache error log"),
        (SYSLOG, "syslog"),
        (PYTHON, "application's log"),
        (JAVA, "application's log"),
        (TRACEBACK, "application's log"),
        (gzip.compress(ACCESS), "gzip"),
        (bz2.compress(ACCESS), "bzip2"),
        (lzma.compress(ACCESS), "xz"),
        (b"\x28\xb5\x2f\xfd\x24", "zstd"),
        (b"LPKSHHRH\0\0", "systemd journal"),
        (b"\xd4\xc3\xb2\xa1\x02\0", "packets"),
        (b"\x7fELF\x02", "program"),
        ("GET /".encode("utf-16"), "UTF-16"),
        (b"text with\0 a NUL\n", "binary"),
        (bytes(range(1, 256)) * 9, "binary"),
    ],
)
def test_the_type_of_a_file_is_named_in_one_line(sample: bytes, said: str) -> None:
    told = not_access_log(sample)
    assert told is not None
    assert said in told
    assert "\n" not in told
    assert told.isprintable()


@pytest.mark.parametrize(
    "sample",
    [
        ACCESS,
        ACCESS[20:],
        JSON,
        b'Nov 22 12:00:00 lb1 haproxy[7]: 10.0.0.1:5 [x] http~ a/b 0/0 200 9 "GET / HTTP/1.1"\n',
        JSON * 3 + NGINX[:50],
        b"#Version: 1.0\n#Fields: date time cs-uri-stem\n2026-11-22 12:00:00 /index.html\n",
        b"1795262400.123    51 10.0.0.1 TCP_MISS/200 4225 GET http://a/ - HIER_DIRECT/1.2.3.4 -\n",
        "10.0.0.1 - müller [09/May/2018:16:00:39 +0000] grüße\n".encode(),
        b"whatever this may be\n",
    ],
)
def test_what_may_be_an_access_log_is_none(sample: bytes) -> None:
    assert not_access_log(sample) is None


def test_a_real_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("create table a (b)")
    connection.commit()
    connection.close()
    assert "SQLite" in str(not_access_log(file.read_bytes()))


def test_one_odd_line_among_others_tells_nothing() -> None:
    assert not_access_log(b"whatever\n" * 5 + NGINX) is None
    assert "nginx" in str(not_access_log(NGINX * 5 + b"whatever\n"))


@given(st.binary(max_size=400))
def test_any_bytes_get_one_printable_line_or_none(sample: bytes) -> None:
    told = not_access_log(sample)
    assert told is None or (told.isprintable() and told)


@pytest.mark.parametrize("piece", [b"2026-11-22 12:00:00 ", b"a ", b"[", b"12:00:00", b"<1>1 "])
def test_hostile_lines_take_no_time(piece: bytes) -> None:
    began = time.process_time()
    for _ in range(20):
        not_access_log(piece * 20_000)
    assert time.process_time() - began < 2
