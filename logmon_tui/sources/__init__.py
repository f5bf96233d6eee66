"""Sources: where the bytes of a log come from, each line whole and once.

`file_observer` follows a file through rotation and truncation, `stdin` reads a pipe, `chunks` and
`compressed` read whole files. `hints` are file events: they say that there may be something new, a
poll finds what they miss. `seek`, `rotated` and `former_run` find the place at which to go on.

A source hands over chunks of whole lines and tells where it stands. It knows no formats. A new
source is one file with a class that follows `base.Source`.
"""
