"""The agent: follows logs of this machine and sends their lines to a broker, each once.

The log is the spool. `followed` reads a log in batches of chunks; `saved` is its state file, which
holds the place before a batch, and which chunks the batch has, before any of them is sent. Only
when the broker has all of them the next batch is read. So an agent that was killed at any moment
reads the same chunks again, with the same ids, and the dashboard drops what it has counted.
`altered` masks and leaves out; `sending` publishes; `agent` is the loop over all of it.

Nothing here imports numpy, Textual or watchdog: an agent takes a few megabytes.
"""
