"""The options of the page and the API that a watch serves, and whether they fit together."""

import click
from click.core import ParameterSource

from logmon_tui.cli.options import chain, option
from logmon_tui.config.address import address_of
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError

_WEB = "Web page"
_FILE = click.Path(readable=False)


def address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the address unchanged. Raises click's BadParameter if it is invalid."""
    try:
        if value is not None:
            address_of(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


web_options = chain(
    option(
        "--web",
        group=_WEB,
        callback=address,
        metavar="HOST:PORT",
        help="Serve a live page for browsers, and an API, at http://HOST:PORT; PORT alone: this "
        "machine only. `help web` tells how.",
    ),
    option(
        "--web-token-file",
        group=_WEB,
        type=_FILE,
        metavar="FILE",
        help="Whoever asks must know the token in FILE, or the one in the variable "
        "LOGMON_WEB_TOKEN.  [default: a new one, printed at the start]",
    ),
    option(
        "--web-certificate",
        group=_WEB,
        type=_FILE,
        metavar="FILE",
        help="Speak TLS with this certificate (PEM).",
    ),
    option(
        "--web-key",
        group=_WEB,
        type=_FILE,
        metavar="FILE",
        help="The key (PEM) of --web-certificate.  [default: in the same file]",
    ),
    option(
        "--web-url",
        group=_WEB,
        metavar="URL",
        help="The address by which browsers reach the page, such as that of a proxy before it.",
    ),
    option(
        "--web-without-tls",
        group=_WEB,
        is_flag=True,
        help="Serve other machines without TLS: whoever is on the way reads figures and token.",
    ),
    option(
        "--web-control",
        group=_WEB,
        is_flag=True,
        help="Let the page and the API acknowledge, silence and note alerts, and add marks.",
    ),
)


def check_web(ctx: click.Context, settings: Settings) -> None:
    """Raise UsageError for an option about the page if no page is served."""
    if settings.web is not None:
        return
    for parameter in ctx.command.params:
        name = parameter.name or ""
        given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if name.startswith("web_") and given:
            raise UsageError(f"{parameter.opts[0]} needs --web, which serves the page")
