"""The hits of the last minutes, kept so that a filter or another window is answered at once.

A HitStore keeps hits as packed columns (`block`) within a fixed memory. A View finds the hits of
it that a filter takes, and sums up those of its window as a report sums up a log. Pure.
"""
