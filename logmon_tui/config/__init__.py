"""Config: all settings, and the file that sets them.

`settings` lists every setting with its type and default, and reads the tables among them: formats,
formats of logs, rules. `output` names what is printed, `logs` what LOG stands for. `settings_file`
reads a TOML file into `Settings`. `toml_problems` says in plain words what is wrong with that file,
`toml_lines` in which line. `toml_text` writes TOML, `address` parses the value of
`--metrics-listen` and of `--web`, whose token `web` finds. `tls` says how a server speaks TLS.

Data passes from the file to `Settings`; the command line (`cli.in_force`) then applies the
environment and the options. `notify.registry`, a room above, reads the targets of notifications.
`toml_tables`, a room below, checks single tables; formats and alerts use it too.
"""
