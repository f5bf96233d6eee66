"""The column that tells from which of several logs hits come."""

from dataclasses import replace

import numpy as np

from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch


def with_source(batch: HitBatch, name: bytes) -> HitBatch:
    """Return `batch` with `name` as the source of each of its hits, and as the only one."""
    column = Column([name], np.zeros(len(batch), dtype=np.int32))
    return replace(batch, columns={**batch.columns, Dimension.SOURCE: column})
