"""Metrics: sum up batches of hits over windows of time.

`aggregator.MetricsAggregator` holds one MetricsBucket for each second. A bucket is made of
`tally`, `histogram` and `measured`. `window` and `stats_window` keep the sums of sliding windows.
`clock` tells log time, and `future_gate` decides which hits may move it. Whole logs are summed up
by `totals` instead, without buckets: by key in `key_totals`, which ends in `key_sums`.

Hits come in, buckets go out. The room is pure: time is a parameter, and it imports neither alerts
nor settings.
"""
