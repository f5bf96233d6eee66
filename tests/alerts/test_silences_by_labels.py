"""Silences choose by labels, in the language in which targets choose, and stay so when saved."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.history.expression import checked, fits, of_label
from logmon_tui.alerts.history.silence import Silence, silenced
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.errors import FilterError
from logmon_tui.monitor.commands import AddSilence
from logmon_tui.state.requests import leave_request, waiting_requests
from logmon_tui.tui.alerts.incident_text import covered
from logmon_tui.tui.alerts.silence import choices
from tests.notify.examples import START, incident

WEB = replace(incident("ddos", b"10.0.0.7"), labels=(("team", "web"), ("site", "a")))
OPS = replace(incident("ddos", b"10.0.0.7"), labels=(("team", "ops"),))
BARE = replace(incident("ddos", b"10.0.0.7"), labels=())


def by(where: str, **more: object) -> Silence:
    return Silence(START, START + 60, where=where)._replace(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("silence", "covers"),
    [
        (by("label.team:web"), [True, False, False]),
        (by("label.team:web,ops"), [True, True, False]),
        (by("label.team:-"), [False, False, True]),
        (by("!label.team:web"), [False, True, True]),
        (by("label.team:web", rule="traffic"), [False, False, False]),
        (by("label.team:w* label.site:a", rule="ddos"), [True, False, False]),
        (by("label.team:web", scope=Scope.CLIENT, subject=b"10.0.0.8"), [False, False, False]),
        (by('label.team:"'), [False, False, False]),  # invalid: a silence may come from anywhere
    ],
)
def test_all_that_it_says_must_hold(silence: Silence, covers: list[bool]) -> None:
    for each, expected in zip((WEB, OPS, BARE), covers, strict=True):
        assert silenced(each, (silence,), START + 30) is expected
        assert not silenced(each, (silence,), START + 60)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(text=texts, other=texts)
def test_the_expression_of_a_label_chooses_just_that_label(text: str, other: str) -> None:
    where = checked(of_label("team", text))
    assert fits(where, replace(WEB, labels=(("team", text),)))
    assert fits(where, replace(WEB, labels=(("team", other),))) is (text == other)


def test_what_no_incident_can_have_is_refused() -> None:
    with pytest.raises(FilterError, match="is none of warning, critical"):
        checked("severity:bad")


def test_a_saved_silence_keeps_its_expression_and_an_older_one_has_none(tmp_path: Path) -> None:
    silence = by("label.team:web")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(silence), type=Silence) == silence
    older = msgspec.msgpack.encode(tuple(silence)[:-1])
    assert msgspec.msgpack.decode(older, type=Silence) == silence._replace(where="")
    leave_request(tmp_path / "state", AddSilence(silence))
    (waiting,) = waiting_requests(tmp_path / "state")
    assert waiting.request == AddSilence(silence)


def test_the_screen_offers_the_labels_of_the_incident() -> None:
    assert [each.text for each in choices(WEB)] == [
        "High traffic 10.0.0.7",
        "High traffic",
        "alerts where label.team=web",
        "alerts where label.site=a",
        "everything",
    ]
    both = by("label.team:web", rule="ddos")
    assert covered(both, "Noisy client") == "Noisy client where label.team:web"
