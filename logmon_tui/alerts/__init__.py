"""Alerts: rules, how they are judged, and the incidents that they find.

`model` holds what all of them share, as values: Rule, Incident, Evidence. `rules` makes rules of
the settings. `evaluation` counts hits by rule and tells when a limit is crossed. `history` keeps,
filters and silences incidents and puts them in words. `evidence` remembers the hits of the last
minutes and says why a rule fired.

Hits come in as HitBatches, seconds of log time as numbers; incidents go out. The room is pure: it
reads no clock and no file, and imports no settings and no screen. A rule that ships with the
program is one entry in `rules/shipped.py`.
"""
