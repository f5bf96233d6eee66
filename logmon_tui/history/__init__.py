"""History: what happened when, by minute for days and by hour for weeks. Pure.

`recorder` sums up the aggregator's seconds in minutes, and closes a minute when it is over. Of the
old hits of a long log, `backlog` counts only totals by minute and keys by hour. `trimming` bounds
what is kept of the keys. `archive` says what keeps the slices of time; `state` has the one that
does. `sums` are the totals of a slice, without keys. `monitor.past` makes of all this what panels
and graph show of a past moment.
"""
