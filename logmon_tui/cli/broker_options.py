"""The options that say how a broker is reached, of every command that connects to one."""

import click

from logmon_tui.cli.options import chain, option

_BROKER = "Broker"
_FILE = click.Path(readable=False)


broker_options = chain(
    option(
        "--user",
        "fleet_user",
        group=_BROKER,
        metavar="NAME",
        help="Say who one is to a broker by this name, and the password in --password-file.",
    ),
    option(
        "--password-file",
        "fleet_password_file",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="The password for --user; like all files with secrets it needs mode 0600.",
    ),
    option(
        "--token-file",
        "fleet_token_file",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="… or by the token in FILE.",
    ),
    option(
        "--credentials",
        "fleet_credentials",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="… or by a file of credentials (.creds), as `nsc` makes it.",
    ),
    option(
        "--nkey",
        "fleet_nkey",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="… or by the seed of a user's nkey in FILE.",
    ),
    option(
        "--ca",
        "fleet_ca",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="Certificates (PEM) that tls:// trusts.  [default: those of the system]",
    ),
    option(
        "--certificate",
        "fleet_certificate",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="Certificate (PEM) to show to a broker that wants one.",
    ),
    option(
        "--key",
        "fleet_key",
        group=_BROKER,
        type=_FILE,
        metavar="FILE",
        help="The key (PEM) of --certificate.  [default: in the same file]",
    ),
)
stream = option(
    "--stream",
    "fleet_stream",
    group=_BROKER,
    metavar="NAME",
    help="The broker's stream.  [default: LOGMON]",
)
