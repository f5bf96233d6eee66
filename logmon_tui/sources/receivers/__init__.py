"""Receivers: sources to which other machines send their lines, by syslog or HTTP.

A receiver listens in a thread of its own (`receiver`). What arrives is cut into lines, each with
the server that wrote it: `framing` and `syslog_messages` read syslog, `requests` and `bodies` HTTP,
`otlp` the logs of OpenTelemetry. They meet in the `inbox`, whose size is bounded: when it is full,
senders wait, or are told to come again. The pipeline takes chunks from the inbox.

Whatever arrives is hostile: its sizes are claims, its names are checked and their number is bounded
(`senders`). Nothing here knows formats, apart from which lines look alike (`shapes`).
"""
