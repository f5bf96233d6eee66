"""State: what a run leaves on disk, so that the next one goes on where it stopped.

`checkpointer` writes from time to time, `state_file` is the SQLite file, `schema` and `tables` say
what is in it, `records` how values are packed. `location` names the file, `files` makes folders
that only the user may read. A file that is damaged or of another version is set aside, never
trusted.
"""
