"""Notifications: what is told of incidents, to whom, and when.

`policy` decides which events are due for a target, and `message` is what it gets; both are pure.
`worker` sends, on a thread for each target, with retries. `registry.KINDS` lists the kinds of
targets; a new kind is one file with a subclass of TargetSettings and one line there. What a target
is sent never holds up the pipeline.
"""
