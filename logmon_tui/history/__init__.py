"""History: what happened when, by minute for days and by hour for weeks. Pure.

`recorder` sums up the aggregator's seconds in minutes, and closes a minute when it is over.
`archive` says what keeps the closed ones; `state` has the one that does. `sums` are the totals of
a minute or hour, without keys. `monitor.past` makes from both what panels and graph show of a past
moment.
"""
