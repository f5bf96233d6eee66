"""The settings: what can be set, and the file that sets it.

`settings` holds the one table of all settings, with types and defaults, and reads what the tables
among them describe: formats, formats of logs, rules. `settings_file` goes from a TOML file to
settings; `toml_problems` says in plain words what is wrong with it, `toml_lines` in which line.
`toml_text` writes TOML, `address` is what `--metrics-listen` takes. Data passes from the file to
`Settings`; the command line lays environment and options over it (`cli.in_force`) and hands it on.

Targets of notifications are read by `notify.registry`, which stands above this room. Tables are
checked by `toml_tables`, which stands below: formats and alerts use it, too.
"""
