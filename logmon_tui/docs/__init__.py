"""The manual: one Markdown file a topic, shipped with the program.

`topics.py` lists the topics in the order in which a newcomer reads them. `logmon-tui help` prints
them, F1 shows them in the program, and the man page names them. A new topic is one file here and
one line in `TOPICS`. `python -m logmon_tui.cli.manpage` writes `logmon-tui.1`.

Every topic begins with a heading and one paragraph of one line, its summary. Lines of code have 58
characters at most: so many stand beside the list of topics where a terminal has 80 columns. This
room imports no other.
"""
