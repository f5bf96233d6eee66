"""nginx's configuration: the logs that it names, their formats, and one line for what is wrong."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.errors import UsageError
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.servers.nginx_syntax import NginxSyntaxError, directives
from logmon_tui.sources.nginx_conf import NginxConf, read_nginx_conf
from tests.e2e.servers import NGINX

MAIN = """log_format main '$remote_addr - $remote_user [$time_local] "$request" '
  '$status $body_bytes_sent';"""


def read(folder: Path, text: str, others: Mapping[str, str] | None = None) -> NginxConf:
    for name, content in {"nginx.conf": text, **(others or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return read_nginx_conf(folder / "nginx.conf")


def formats_of(folder: Path, text: str) -> list[LogFormat]:
    conf = read(folder, text)
    return [conf.format_of(log) for log in conf.logs]


def told(conf: NginxConf) -> list[tuple[str, str]]:
    return [(log.path, log.format_name) for log in conf.logs]


def test_logs_and_formats_are_read_with_what_is_included(tmp_path: Path) -> None:
    conf = read(
        tmp_path,
        f"""
        user www-data; # access_log /commented/out.log;
        events {{ worker_connections 768; }}
        http {{
          include mime.types;
          {MAIN}
          access_log /var/log/nginx/access.log main buffer=32k flush=5s if=$loggable;
          map $uri $loggable {{ ~^/[a-z]+$ 0; "~ {{}}" 1; default 1; }}
          content_by_lua_block {{ if a then return "}}" end -- }}
          }}
          include sites/*.conf;
        }}
        stream {{ log_format basic '$protocol'; access_log /stream.log basic; }}
        """,
        {
            "mime.types": "types { text/html html; }",
            "sites/b.conf": "server { access_log off; location / { access_log /b.log; } }",
            "sites/a.conf": "server { access_log '/a b.log' main gzip; }",
            "sites/a.off": "server { access_log /off.log; }",
        },
    )
    main, combined = conf.format_of(conf.logs[0]), conf.format_of(conf.logs[2])
    assert told(conf) == [
        ("/var/log/nginx/access.log", "main"),
        ("/a b.log", "main"),
        ("/b.log", "combined"),
    ]
    assert [log.compressed for log in conf.logs] == [False, True, False]
    assert (main.name, combined.name) == ("main", "combined")
    assert conf.logs[1].where.endswith("sites/a.conf:1")


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("syslog:server=unix:/dev/log,tag=nginx main", None),
        ("/dev/stdout main", None),
        ("off", None),
        ("/var/log/$host.access.log", "/var/log/*.access.log"),
        ("/var/log/${server_name}-[1].log main", "/var/log/*-[[]1].log"),
        ("/a.log buffer=32k", "/a.log"),
    ],
)
def test_only_files_are_logs_and_variables_make_patterns(
    tmp_path: Path, arguments: str, path: str | None
) -> None:
    conf = read(tmp_path, f"http {{ {MAIN} access_log {arguments}; }}")
    assert [log.path for log in conf.logs] == ([path] if path else [])


@pytest.mark.parametrize(("folder", "log"), [("conf", "logs/a.log"), ("nginx", "nginx/logs/a.log")])
def test_a_relative_path_begins_at_the_prefix(tmp_path: Path, folder: str, log: str) -> None:
    conf = read(tmp_path / folder, "http { access_log logs/a.log; }")
    assert conf.logs[0].path == str(tmp_path / log)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http {\n access_log /a.log\n}", "nginx.conf:3: unexpected '}'"),
        ("http {\n access_log /a.log;\n", "nginx.conf:2: the file ends before"),
        ("http {\n log_format a '$status;\n}", "nginx.conf:2: a quote has no end"),
        ("http {\n access_log '/a'b;\n}", "nginx.conf:2: unexpected 'b' behind a quote"),
        ("\n}", "nginx.conf:2: unexpected '}'"),
        ("http {\n log_format a;\n}", "nginx.conf:2: log_format needs a name and a string"),
        ("a_by_lua_block {\n '}'", "nginx.conf:1: a block of Lua has no end"),
        ("http {\n include missing.conf;\n}", "missing.conf: cannot be read: No such file"),
        ("http {\n include nginx.conf;\n}", "nginx.conf:2: .*nginx.conf includes itself"),
        ("http {\n include a.conf;\n}", "a.conf:1: .*nginx.conf includes itself"),
        ("include a b;", "nginx.conf:1: include takes one file"),
        ("http { log_format a '$status'; access_log /a.log a; }", "log_format a: .* no time"),
        ("http {\n access_log /a.log nope;\n}", "nginx.conf:2: there is no log_format nope"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_file_and_line(
    tmp_path: Path, text: str, why: str
) -> None:
    (tmp_path / "a.conf").write_text("include nginx.conf;")
    with pytest.raises(UsageError, match=why) as caught:
        formats_of(tmp_path, text)
    assert str(caught.value).isprintable()
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nginx.conf: cannot be read: No such file"):
        read_nginx_conf(tmp_path / "nginx.conf")


@given(st.text("ab ;{}'\"\\#$\n\t", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = list(directives(text))
    except NginxSyntaxError as error:
        line = error.line
    else:
        line = max((each.line for each in found), default=1)
        assert sum(each.end == "{" for each in found) == sum(each.end == "}" for each in found)
    assert 1 <= line <= text.count("\n") + 1


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
@pytest.mark.parametrize(
    "words",
    [
        "\"a\" 'b' c",
        "'a\\'b' \"c\\\"d\" e\\ f",
        "a\"b c'd",
        "${a}b$c{",
        "'a'b",
        "a\\;b # c",
        "'#' \"{;}\"",
        "a #b\n c",
        "'a\nb'",
        "a}b",
    ],
)
def test_nginx_itself_reads_a_line_or_refuses_it_as_we_do(tmp_path: Path, words: str) -> None:
    """It may have other objections, but not to the syntax of what we read."""
    text = f"http {{ log_format x {words}; }}\n"
    conf = tmp_path / "nginx.conf"
    head = f"pid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
    conf.write_text(head + text)
    done = subprocess.run(
        [str(NGINX), "-t", "-e", f"{tmp_path}/error.log", "-c", str(conf)],
        capture_output=True,
        text=True,
        check=False,
    )
    syntax = ("unexpected", "invalid parameter", "is not terminated")
    try:
        list(directives(text))
    except NginxSyntaxError:
        assert any(each in done.stderr for each in syntax), done.stderr
    else:
        assert not any(each in done.stderr for each in syntax), done.stderr
