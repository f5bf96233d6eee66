"""The full-screen program: shows Snapshots, and turns keys into commands.

`app` takes Snapshots from an engine (`engine` has the protocol) and passes them to the panels.
`paint` draws: text in cells, charts, windows, the table of keys. `alerts` has everything about
alerts. `panels` has a file for each panel; `screens` has the help and the manual.

Text of a log reaches a widget only through `escape.printable`. State lives in the pipeline: what a
user asks for goes there as a command. A new panel is one file in `panels`, which declares its
title, keys and place, and one line in `config.settings.Panel`.
"""
