"""Reports: turn a Snapshot or a Report into text, JSON, CSV or Prometheus metrics.

`rows` is what they share. `registry` finds what a report or a watch is printed as: a new form is
one file, and one line in `config.output.Output`. `compared` holds two reports that are compared,
`changed_most` says in a sentence what changed, and `limits` judges whether it may.

Nothing here reads or writes a file; `prometheus_server` alone listens, on a thread of its own, and
serves the newest Snapshot.
"""
