"""The broker's stream as one log of many servers, each line once.

`stream_reader` and `pull` read messages, in a thread that `read_ahead` runs. `feed` makes chunks of
them, by `counted_ranges`, which knows what was handed over before. `nats` is the source.
"""
