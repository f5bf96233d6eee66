"""A state keeps how many hits a key can have lost; a former version's state does not tell it."""

import zlib

import msgspec

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.tally import Tally
from logmon_tui.state.records import packed_bucket, unpacked_bucket

_TALLIES = 5
"""The place of the tallies in the record of a bucket."""


def trimmed() -> MetricsBucket:
    bucket = MetricsBucket()
    paths = bucket.tallies[Dimension.PATH]
    hits = {b"/a": 9, b"/b": 4, b"/c": 3}
    paths.add(Tally(dict(hits), dict(hits)))
    paths.trim(1)
    return bucket


def without_bounds(bucket: MetricsBucket) -> bytes:
    """Return the bucket as a version saved it that did not know the bounds."""
    record = msgspec.msgpack.decode(zlib.decompress(packed_bucket(bucket)), strict=False)
    for tally in record[_TALLIES].values():
        assert len(tally) == 8
        tally.pop()
    return zlib.compress(msgspec.msgpack.encode(record))


def test_what_a_key_can_have_lost_is_kept() -> None:
    found = unpacked_bucket(packed_bucket(trimmed()))
    assert found.tallies[Dimension.PATH].most_dropped == 4
    assert found.tallies[Dimension.HOST].most_dropped == 0


def test_of_a_former_version_it_is_not_known_and_nor_is_it_of_a_sum() -> None:
    found = unpacked_bucket(without_bounds(trimmed()))
    assert found.tallies[Dimension.PATH].most_dropped is None
    assert found.tallies[Dimension.HOST].most_dropped == 0
    whole = trimmed()
    whole.add(found)
    assert whole.tallies[Dimension.PATH].most_dropped is None
    whole.subtract(found)
    whole.subtract(trimmed())
    assert whole.tallies[Dimension.PATH].most_dropped == 0
