"""From logs to a Monitor: sources are opened, read, parsed and fed here, each watch on one thread.

LogReaders read; parsers may run ahead in threads; commands of the screen come through a queue, and
snapshots go back. Reports read whole logs by `whole_logs`.
"""
