"""Turn batches of hits into what is shown: HTTPMonitor for a watch, ReportBuilder for a report.

A Monitor feeds the MetricsAggregator and the AlertManager. `pictures` makes the figures of a
Snapshot, an immutable picture, from what it counted. `commands` are what users ask of it. Pure: no
clock, no files, no threads; the pipeline feeds it and brings the time.
"""
