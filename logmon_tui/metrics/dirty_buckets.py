"""DirtyBuckets: which buckets changed since they were last saved. Nothing is saved here."""

MOST_KEYS = 20_000
"""More than an aggregator holds buckets; from then on all of them count as changed."""

BucketKey = tuple[int, int]
"""A bucket's tier (0 is the ring, then the wide ones) and its first second (UTC epoch)."""


class DirtyBuckets:
    """The keys of the buckets that were changed, made or dropped since `clear`.

    `everything` tells that none is known to be saved yet; then no keys are noted.
    """

    def __init__(self) -> None:
        self.everything = True
        self.touched: set[BucketKey] = set()

    def note(self, tier: int, start: int) -> None:
        """Note that a bucket was changed, made or dropped."""
        if not self.everything:
            self.touched.add((tier, start))
            if len(self.touched) > MOST_KEYS:
                self.forget()

    def clear(self) -> None:
        """Begin anew: every bucket is saved as it is."""
        self.everything = False
        self.touched.clear()

    def forget(self) -> None:
        """Take every bucket for changed."""
        self.everything = True
        self.touched.clear()
