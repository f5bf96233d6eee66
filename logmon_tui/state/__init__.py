"""State: what a run saves on disk so that the next run resumes where it stopped.

`checkpointer` saves at intervals. `state_file` is the SQLite file; `database` opens, locks and
upgrades it. `schema` and `tables` define its rows, `records` how values are packed. `location`
names the file, `files` creates it so that only the user can read it. A damaged file is set aside,
never trusted.
"""
