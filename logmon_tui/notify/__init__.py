"""Notifications: which targets hear of an incident, when, and in what form.

`policy` decides which events are due for a target, and `message` is what it gets; both are pure.
`worker` sends, on a thread for each target, with retries. `registry.KINDS` lists the kinds of
targets; a new kind is one file with a subclass of TargetSettings and one line there. A slow target
never holds up the pipeline.
"""
