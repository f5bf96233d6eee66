"""Turn batches of hits into what is shown: HTTPMonitor for a watch, ReportBuilder for a report.

HTTPMonitor hands each batch to what counts it: LineCounts (what was read), TrafficCounts (the hits
that are shown), AlertManager (those that alerts judge) and FleetMonitor (servers). Recording keeps
the minutes that are over, IncidentBook what is said of incidents. `pictures` makes the figures of a
Snapshot, an immutable picture, from these. `commands` are what users ask. Pure: no clock, no files,
no threads; the pipeline feeds it and brings the time.
"""
