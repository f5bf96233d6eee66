"""Output without a screen: Snapshot or Report → text, JSON, CSV. No I/O lives here."""
