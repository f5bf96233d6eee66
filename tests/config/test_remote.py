"""Which LOGs are no files of this machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.config.remote import is_remote, is_url, ssh_parts


@pytest.mark.parametrize(
    ("log", "parts"),
    [
        ("web1:/var/log/nginx/access.log", ("web1", "/var/log/nginx/access.log")),
        ("root@web1.example.org:/a.log", ("root@web1.example.org", "/a.log")),
        ("[2001:db8::7]:/a.log", ("[2001:db8::7]", "/a.log")),
        ("me@web1:/a b.log", ("me@web1", "/a b.log")),
        ("http:/a.log", ("http", "/a.log")),
        ("web1:/a:/b.log", ("web1", "/a:/b.log")),
    ],
)
def test_a_host_and_a_path_are_a_log_of_another_machine(log: str, parts: tuple[str, str]) -> None:
    assert ssh_parts(log) == parts
    assert is_remote(log)
    assert not is_url(log)


@pytest.mark.parametrize(
    "log", ["nats://broker:4222", "tls://b", "syslog://0.0.0.0:5514", "http://a"]
)
def test_an_address_is_no_file(log: str) -> None:
    assert is_url(log)
    assert is_remote(log)
    assert ssh_parts(log) is None


@pytest.mark.parametrize(
    "log",
    [
        "/var/log/access.log",
        "access.log",
        "./web1:/a.log",
        "/logs/web1:/a.log",
        "web1:access.log",  # a relative path: a file may be called so
        "a b:/c.log",
        "@web1:/a.log",
        ":/a.log",
        "web1:",
        "./nats://broker",
        "",
    ],
)
def test_anything_else_is_a_file(log: str) -> None:
    assert not is_remote(log)


def test_standard_input_is_no_file() -> None:
    assert is_remote("-")


@given(st.text(max_size=40))
def test_a_dot_and_a_slash_make_any_text_a_file(text: str) -> None:
    assert not is_remote(f"./{text}")
    assert not is_remote(f"/{text}")


@given(st.text(alphabet="w1@:/[]a.%é ", max_size=20))
def test_host_and_path_are_all_of_the_log(text: str) -> None:
    parts = ssh_parts(text)
    if parts is not None:
        host, path = parts
        assert path.startswith("/")
        assert f"{host}:{path}" == text
