"""How a log on another machine is written, and what is refused before ssh sees it."""

import pytest

from logmon_tui.config.remote import is_remote, ssh_parts
from logmon_tui.errors import SourceError
from logmon_tui.sources.patterns import is_pattern
from logmon_tui.sources.ssh_address import SshAddress, is_ssh, ssh_address
from logmon_tui.sources.ssh_connection import OPTIONS, ssh_words


@pytest.mark.parametrize(
    ("log", "address"),
    [
        ("web1:/var/log/x", SshAddress("web1", "web1", "/var/log/x")),
        ("me@web-1.example:/x", SshAddress("me@web-1.example", "web-1.example", "/x")),
        ("[::1]:/x", SshAddress("::1", "::1", "/x")),
        ("me@[fe80::1%eth0]:/x", SshAddress("me@fe80::1%eth0", "fe80::1%eth0", "/x")),
        ("web1:/a b'\"$(x)\n-", SshAddress("web1", "web1", "/a b'\"$(x)\n-")),
        ("web1:/-x", SshAddress("web1", "web1", "/-x")),
    ],
)
def test_addresses(log: str, address: SshAddress) -> None:
    assert is_ssh(log)
    assert is_remote(log)
    assert not is_pattern(log)
    assert ssh_address(log) == address


@pytest.mark.parametrize(
    "log", ["x", "/x", "./web1:/x", "web1:x", "a b:/x", "a/b:/x", "::1:/x", "nats://x"]
)
def test_what_is_no_log_of_another_machine(log: str) -> None:
    assert not is_ssh(log)
    assert ssh_parts(log) is None


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("-oProxyCommand=x:/x", "cannot begin with -"),
        ("me@-x:/x", "cannot begin with -"),
        ("-me@web1:/x", "cannot begin with -"),
        ("[-x]:/x", "cannot begin with -"),
        ("web{1..3}:/x", "did not expand the braces"),
        ("we$(id)b:/x", "no host has"),
        ("a;b:/x", "no host has"),
        ("we\x1b0b:/x", "no host has"),
        ("me`id`@web1:/x", "no host has"),
        ("web1:/var/log/", "is a folder"),
        ("web1:/var/log/*.log", "patterns are for files of this machine"),
    ],
)
def test_what_is_refused(log: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as refused:
        ssh_address(log)
    assert "\x1b" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_host_is_one_word_after_all_options() -> None:
    words = ssh_words(("ssh", "-F", "my config"), "me@web1")
    assert words[:3] == ["ssh", "-F", "my config"]
    assert words[-3:] == ["--", "me@web1", "exec sh"]
    assert all(words[words.index(each) - 1] == "-o" for each in OPTIONS)
    assert "BatchMode=yes" in words
