"""Own panels in the settings file: what a table may say, and what is refused with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.config.own_panels import OwnPanel
from logmon_tui.config.settings import Settings
from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.errors import TableError, UsageError
from logmon_tui.formats.model.hit import OWN_DIMENSIONS, Dimension

CACHE = '[panels.cache]\nfield = "upstream_cache_status"\n'


def read(folder: Path, text: str) -> Settings:
    file = folder / "config.toml"
    file.write_text(text)
    return read_settings_file(file).settings


def test_panels_count_by_the_own_dimensions_in_their_order(tmp_path: Path) -> None:
    text = (
        f'show = "traffic,cache"\n{CACHE}[panels.tenant]\nfield = "%{{X-Tenant}}i"\ntitle = "T"\n'
    )
    settings = read(tmp_path, text)
    assert settings.own_fields == ("upstream_cache_status", "%{X-Tenant}i")
    assert settings.own_dimensions == {"cache": Dimension.OWN_1, "tenant": Dimension.OWN_2}
    assert settings.show == ("traffic", "cache")


def test_filters_of_the_settings_may_use_own_fields(tmp_path: Path) -> None:
    text = f'where = "cache:miss"\n{CACHE}[filters]\nslow = "cache:MISS,BYPASS time>1s"\n'
    settings = read(tmp_path, text)
    assert settings.filter.dimensions == {Dimension.OWN_1}
    assert settings.saved_filters["slow"].text == "cache:MISS,BYPASS time>1s"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[panels.cache]\n", ":1: panels.cache: needs field"),
        ("[panels.cache]\nfield = 5\n", ":2: panels.cache.field: expected a text"),
        ('[panels.cache]\nfield = ""\n', ":2: panels.cache.field: needs a name"),
        (f'{CACHE}titel = "x"\n', ":3: panels.cache.titel: is not known; did you mean title"),
        (f'{CACHE}title = "a\\u001bb"\n', ":3: panels.cache.title: needs up to 30 printable"),
        ('[panels.Cache]\nfield = "a"\n', ":1: panels.Cache: is no name"),
        ('[panels.status]\nfield = "a"\n', ":1: panels.status: the name is taken"),
        ('[panels.vhost]\nfield = "a"\n', ":1: panels.vhost: the name is taken"),
        ('[panels.response_time]\nfield = "a"\n', "panels.response_time: the name is taken"),
        ('[panels.tail]\nfield = "a"\n', "panels.tail: the name is taken"),
        ('[panels.marks]\nfield = "a"\n', "panels.marks: the name is taken"),
        ('[panels.limits]\nfield = "a"\n', "panels.limits: the name is taken"),
        ('[panels.totals]\nfield = "a"\n', "panels.totals: the name is taken"),
        ('[panels.baseline]\nfield = "a"\n', "panels.baseline: the name is taken"),
        (f'show = "cash"\n{CACHE}', ":1: show[0]: 'cash' is not known"),
        (f'where = "cash:x"\n{CACHE}', ":1: where: cash is no field; did you mean cache?"),
        (
            "".join(f'[panels.p{place}]\nfield = "f{place}"\n' for place in range(5)),
            ":9: panels.p4: is one too many",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


@given(st.dictionaries(st.text(max_size=25), st.text(max_size=300), max_size=6))
def test_arbitrary_panels_are_taken_or_refused_in_one_line(panels: dict[str, str]) -> None:
    settings = Settings(panels={name: OwnPanel(field) for name, field in panels.items()})
    try:
        found = settings.own_dimensions
    except TableError as error:
        where, name, *_ = error.keys
        refused = where == "panels" and name in panels
    else:
        refused = False
        assert list(found) == list(panels)
        assert list(found.values()) == list(OWN_DIMENSIONS[: len(panels)])
    assert refused or len(panels) <= len(OWN_DIMENSIONS)
