"""Sources: they deliver the bytes of a log as whole lines, each line once.

`file_observer` follows a file through rotation and truncation, `stdin` reads a pipe, `chunks` and
`compressed` read whole files. `hints` are file events: they say that there may be new lines; a poll
finds what they miss. `seek`, `rotated` and `former_run` find the place at which to resume.

A source hands over chunks of whole lines and tells where it stands. It knows no formats. A new
source is one file with a class that follows `base.Source`, and one line in `registry`.
"""
