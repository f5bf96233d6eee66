"""DirtyBuckets: notes which buckets changed since they were last saved. It saves nothing."""

MAX_KEYS = 20_000
"""Maximum keys noted, more than an aggregator holds. Beyond it all buckets count as changed."""

BucketKey = tuple[int, int]
"""A bucket's tier (0 is the ring, then the wide ones) and its first second (UTC epoch)."""


class DirtyBuckets:
    """The keys of the buckets that were changed, made or dropped since `clear`.

    While `everything` is true, all buckets count as changed, and no keys are noted.
    """

    def __init__(self) -> None:
        self.everything = True
        self.touched: set[BucketKey] = set()

    def note(self, tier: int, start: int) -> None:
        """Note that a bucket was changed, made or dropped."""
        if not self.everything:
            self.touched.add((tier, start))
            if len(self.touched) > MAX_KEYS:
                self.forget()

    def clear(self) -> None:
        """Forget all notes, because every bucket has been saved in its present state."""
        self.everything = False
        self.touched.clear()

    def forget(self) -> None:
        """Count every bucket as changed."""
        self.everything = True
        self.touched.clear()
