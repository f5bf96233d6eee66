"""From logs to the monitor: one thread per watch opens, reads and parses logs and feeds the hits.

`source_factory` opens the sources, LogReaders read them, threads may parse ahead (`parse_ahead`).
The pipeline passes batches to HTTPMonitor and incidents to the notifier (`notifications`),
publishes snapshots when they are due (`publisher`) and saves the state (`state_saver`). The
screen's commands arrive through a queue (`command_queue`), those of other processes and marks
through files (`user_files`). Reports read whole logs with `whole_logs`.
"""
