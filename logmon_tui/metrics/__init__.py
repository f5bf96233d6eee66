"""Metrics: from batches of hits to summaries of windows of time.

`aggregator.MetricsAggregator` holds one MetricsBucket for each second, and sums up windows of them;
`tally`, `histogram` and `cells` are what a bucket is made of. `stats_window` and `window` slide.
`clock` and `future_gate` tell how far log time has come. Whole logs are summed up by `totals`
instead, without buckets.

Hits come in, buckets go out. The room is pure: time is a parameter, and it imports neither alerts
nor settings.
"""
