"""Texts and their numbers: the library and plain Python give the same, on any bytes."""

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.model.values import path_of, section_of, split_request
from logmon_tui.native import interner, requests, sums, texts
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.requests import split_requests
from logmon_tui.native.sums import sums_by
from logmon_tui.native.texts import Texts

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
LISTS = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"", b"/", b"GET", b"a" * 9])))
MANY = st.lists(st.integers(0, 300)).map(lambda numbers: [b"/item/%d" % each for each in numbers])


@pytest.fixture(params=[pytest.param(True, marks=NATIVE), False], ids=["library", "python"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the library does it; if so, for few texts too."""
    for module in (interner, requests, sums, texts):
        monkeypatch.setattr(module, "is_native", lambda: request.param)
    monkeypatch.setattr(texts, "_FEW", 0)
    return bool(request.param)


@pytest.mark.usefixtures("native")
@given(listed=LISTS, data=st.data())
def test_texts_are_what_they_were_made_of(listed: list[bytes], data: st.DataObject) -> None:
    made = Texts.of(listed)
    assert made.tolist() == [made[number] for number in range(len(made))] == listed
    assert made.nbytes == sum(map(len, listed))
    chosen = data.draw(st.lists(st.integers(0, len(listed) - 1)) if listed else st.just([]))
    taken = made.take(np.array(chosen, dtype=np.intp))
    assert taken.tolist() == taken.compact().tolist() == [listed[number] for number in chosen]
    assert taken.compact().nbytes == len(taken.compact().data)
    of_an_array = Texts(np.frombuffer(made.data, dtype=np.uint8), made.starts, made.ends)
    assert of_an_array.take(np.array(chosen, dtype=np.intp)).tolist() == taken.tolist()


@pytest.mark.usefixtures("native")
@given(listed=LISTS, wanted=st.binary(max_size=3))
def test_bytes_are_found_where_they_are(listed: list[bytes], wanted: bytes) -> None:
    found = Texts.of(listed).having(wanted)
    assert found.tolist() == [any(byte in text for byte in wanted) for text in listed]


@pytest.mark.usefixtures("native")
@given(batches=st.lists(st.one_of(LISTS, MANY), max_size=5))
def test_equal_texts_have_one_number_in_the_order_in_which_they_come(
    batches: list[list[bytes]],
) -> None:
    numbers: dict[bytes, int] = {}
    table = Interner()
    for batch in batches:
        expected = [numbers.setdefault(text, len(numbers)) for text in batch]
        before = table.texts()
        known = before.tolist()
        assert table.numbers(Texts.of(batch)).tolist() == expected
        assert before.tolist() == known  # what was told before stays as it was
    assert len(table) == len(numbers)
    assert table.texts().tolist() == list(numbers)


@pytest.mark.usefixtures("native")
@given(batch=st.one_of(LISTS, MANY), data=st.data())
def test_what_is_kept_is_numbered_anew(batch: list[bytes], data: st.DataObject) -> None:
    table = Interner()
    table.numbers(Texts.of(batch))
    listed = table.texts().tolist()
    kept = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[bytes]()))
    table.keep(np.flatnonzero([text in kept for text in listed]))
    expected = [text for text in listed if text in kept]
    assert table.texts().tolist() == expected
    assert table.numbers(Texts.of(expected)).tolist() == list(range(len(expected)))


@NATIVE
def test_texts_that_collide_have_numbers_of_their_own() -> None:
    """Without seeds, texts that begin with eight zeros have the same hash: zero."""
    table = Interner()
    table.structure.seeds[:] = [0, 0, 0]
    listed = [bytes(8) + b"%d" % number for number in range(300)]
    assert table.numbers(Texts.of(listed)).tolist() == list(range(300))
    assert table.numbers(Texts.of(listed[::-1])).tolist() == list(range(300))[::-1]
    assert table.texts().tolist() == listed
    assert set(table.texts().hashes().tolist()) == {0}


@NATIVE
def test_texts_keep_their_numbers_while_the_table_grows() -> None:
    """Slots carry bits of the hash above the number, which become fewer with each growth."""
    table = Interner()
    listed = [b"/item/%d" % number for number in range(70_000)]
    for start in range(0, len(listed), 7_000):
        new = listed[start : start + 7_000]
        assert table.numbers(Texts.of(new)).tolist() == list(range(start, start + 7_000))
    assert table.numbers(Texts.of(listed)).tolist() == list(range(len(listed)))


@NATIVE
def test_compact_texts_hold_no_more_memory_than_they_need() -> None:
    table = Interner()
    table.numbers(Texts.of([b"/section"] * 20_000))  # room is made for all of them
    compact = table.texts().compact()
    assert compact.tolist() == [b"/section"]
    assert compact.data == b"/section"
    assert compact.compact() is compact


@NATIVE
def test_each_thread_keeps_the_places_that_it_told_the_library_of() -> None:
    made = Texts.of([b"one", b"two", b"three", b"four"])
    scattered = Texts(made.data, made.starts[::2], made.ends[::2])  # to be copied for the library
    told = [scattered.structure()]
    scattered._structure = None  # as another thread sees it that comes at the same time
    told.append(scattered.structure())
    del scattered
    for structure in told:
        starts = (ctypes.c_int64 * 2).from_address(structure.starts)
        assert list(starts) == [0, 6]
        assert structure.places[0].ctypes.data == structure.starts


@NATIVE
@pytest.mark.parametrize(("start", "end"), [(-1, 1), (2, 1), (0, 4), (9, 9)])
def test_texts_outside_their_bytes_are_refused(start: int, end: int) -> None:
    wrong = Texts(b"abc", np.array([start] * 99), np.array([end] * 99))
    for attempt in (
        lambda: Interner().numbers(wrong),
        wrong.compact,
        lambda: wrong.having(b"a"),
        lambda: split_requests(wrong),
    ):
        with pytest.raises(ValueError, match="does not stand within"):
            attempt()


REQUESTS = st.one_of(
    st.binary(max_size=40),
    st.builds(
        b"".join,
        st.tuples(
            st.sampled_from([b"GET", b"", b"get!", b"M-SEARCH", b"G(T", b"\x16\x03", b"GE\xc3"]),
            st.sampled_from([b" ", b"", b"  "]),
            st.sampled_from(
                [b"/", b"", b"*", b"http://a/b", b"/a?/b", b"/a/b#c?d", b"//", b"/a b"]
            ),
            st.binary(max_size=4),
            st.sampled_from([b" ", b"", b"  "]),
            st.sampled_from([b"HTTP/1.1", b"HTTP/2", b"HTTP/", b"HTTP/1.10", b"http/1.1", b""]),
        ),
    ),
)


def told(part: requests.Part) -> list[bytes | None]:
    """The part of each request, None where it is of no usual form."""
    listed = part.texts.tolist()
    assert len(set(listed)) == len(listed)
    return [None if number < 0 else listed[number] for number in part.numbers.tolist()]


@NATIVE
@given(st.lists(REQUESTS, max_size=8))
def test_usual_requests_are_taken_apart_as_python_does(listed: list[bytes]) -> None:
    parts = zip(*map(told, split_requests(Texts.of(listed))), strict=True)
    for request, found in zip(listed, parts, strict=True):
        assert found in {(None, None, None), split_request(request)}


@NATIVE
@given(st.lists(REQUESTS, max_size=8))
def test_usual_targets_are_taken_apart_as_python_does(listed: list[bytes]) -> None:
    _, paths, sections = map(told, split_requests(Texts.of(listed), are_targets=True))
    for target, *found in zip(listed, paths, sections, strict=True):
        assert found in [[None, None], [path_of(target), section_of(path_of(target))]]


@NATIVE
@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/1.1", b"POST /a/b?c=d HTTP/2", b"PURGE /a#b HTTP/1.0"]
)
def test_what_logs_mostly_have_is_usual(request_line: bytes) -> None:
    assert split_requests(Texts.of([request_line])).paths.numbers.tolist() == [0]
    target = request_line.split(b" ")[1]
    assert split_requests(Texts.of([target]), are_targets=True).paths.numbers.tolist() == [0]


@pytest.mark.usefixtures("native")
@given(rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**62))), more=st.integers(0, 3))
def test_values_are_summed_up_by_code(rows: list[tuple[int, int]], more: int) -> None:
    codes = np.array([code for code, _ in rows], dtype=np.int32)
    values = np.array([value // max(1, len(rows)) for _, value in rows], dtype=np.int64)
    counted = sums_by(codes, values, 6 + more)
    for code in range(6 + more):
        assert counted.hits[code] == np.count_nonzero(codes == code)
        assert counted.values[code] == sum(values[codes == code].tolist())


@NATIVE
@pytest.mark.parametrize("code", [-1, 3])
def test_a_code_out_of_bounds_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="not below 3"):
        sums_by(np.array([code], dtype=np.int32), np.array([1]), 3)


@pytest.mark.usefixtures("native")
@given(listed=LISTS)
def test_equal_texts_have_equal_hashes_wherever_they_stand(listed: list[bytes]) -> None:
    hashes = Texts.of([*listed, b"between", *listed]).hashes().tolist()
    assert hashes[: len(listed)] == hashes[len(listed) + 1 :]
    assert len(set(hashes)) == len({*listed, b"between"})  # else two of 2**32 collide
