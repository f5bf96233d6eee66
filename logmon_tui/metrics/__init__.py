"""From batches of hits to summaries of windows of time. Pure: no I/O, no clock."""
