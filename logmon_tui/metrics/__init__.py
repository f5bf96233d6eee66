"""Metrics: sum up batches of hits over windows of time.

`aggregator.MetricsAggregator` holds one MetricsBucket for each second. A bucket is made of
`tally`, `histogram` and `measured`. `window` and `stats_window` keep the sums of sliding windows.
`log_time` joins the `clock` of the log, the `future_gate`, which decides which hits may move it,
and `arrivals`, by how late hits come. Whole logs are summed up by `totals` instead, without
buckets: by key in `key_totals`, which ends in `key_sums`.

Hits come in, buckets go out. The room is pure: time is a parameter, and it imports neither alerts
nor settings.
"""
