"""Turn batches of hits into what is shown: HTTPMonitor for a watch, ReportBuilder for a report.

A Monitor feeds the MetricsAggregator and the AlertManager and makes a Snapshot, an immutable
picture. `commands` are what users ask of it. Pure: no clock, no files, no threads; the pipeline
feeds it and brings the time.
"""
