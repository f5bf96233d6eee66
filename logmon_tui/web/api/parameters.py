"""What a request may bring: parameters of its path and query, and bodies. Checked as these types.

The OpenAPI document is made of the same types, so it promises what is checked. A parameter that is
not given is UNSET.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from logmon_tui.alerts.history.silence import LONGEST
from logmon_tui.alerts.model.incident import MAX_NOTE
from logmon_tui.alerts.model.mark import MAX_TEXT
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.snapshot import Order

MAX_TOP = 1_000
MAX_COLUMNS = 1_000
MAX_WINDOW = 400 * 86_400
"""Maximum seconds of a window, however much of the past is kept."""

_Top = Annotated[
    int,
    Meta(ge=1, le=MAX_TOP, description="Maximum rows of each list; without it that of `--top`."),
]
_Where = Annotated[
    str,
    Meta(
        max_length=1_000,
        description="Filter expression, such as `path:/api/* status:5xx`; empty for all hits. "
        "Without it, that of `--where`.",
        examples=["status:5xx", "path:/api/* time>1s", "@static"],
    ),
]
_End = Annotated[
    str,
    Meta(
        max_length=40,
        description="Moment in log time: `2026-11-22T08:26:40Z`, `-2h`, `14:00`, `fri 14:00`. "
        "One that is still to come means now.",
        examples=["-2h", "2026-11-22T08:26:40Z"],
    ),
]
_Wall = Annotated[
    str,
    Meta(
        max_length=40,
        description="Moment: `2h` ago, `3d`, `2026-11-22` or `2026-11-22T08:26:40Z`.",
        examples=["2h", "2026-11-22"],
    ),
]
_Name = Annotated[str, Meta(min_length=1, max_length=100)]
_Choice = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        description="A filter of alerts, as `where` of a target.",
        examples=["label.team:payments"],
    ),
]
_Incident = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f][0-9a-f-]{3,35}$",
        description="The id of an incident, or its beginning.",
        examples=["5702d3a1"],
    ),
]


class Parameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a request; each endpoint has its own."""


class SnapshotParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of the present picture."""

    top: _Top | UnsetType = UNSET


class QueryParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of a question about traffic."""

    where: _Where | UnsetType = UNSET
    window: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=MAX_WINDOW,
                description="Seconds up to `end`, no more than are kept of the past; without it "
                "those of `--stats-interval`.",
                examples=[600],
            ),
        ]
        | UnsetType
    ) = UNSET
    end: _End | UnsetType = UNSET
    dimension: Annotated[
        list[_Name],
        Meta(
            max_length=10,
            description="Rankings to answer with, such as `paths`; repeatable. Without it, those "
            "that a report has.",
            examples=[["paths"], ["routes", "hosts"]],
        ),
    ] = []
    top: _Top | UnsetType = UNSET
    order: (
        Annotated[Order, Meta(description="Answer with single requests, too, in this order.")]
        | UnsetType
    ) = UNSET


class GraphParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of a graph."""

    where: _Where | UnsetType = UNSET
    end: _End | UnsetType = UNSET
    step: Annotated[int, Meta(ge=1, le=86_400, description="Seconds of a column.")] = 10
    columns: Annotated[int, Meta(ge=1, le=MAX_COLUMNS, description="Number of columns.")] = 60


class IncidentsParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of the list of incidents: the options of `logmon-tui alerts`."""

    since: (
        Annotated[_Wall, Meta(description="Leave out incidents that ended before.")] | UnsetType
    ) = UNSET
    until: (
        Annotated[_Wall, Meta(description="Leave out incidents that began then or later.")]
        | UnsetType
    ) = UNSET
    rule: Annotated[
        list[_Name],
        Meta(
            max_length=10,
            description="Only incidents of rules whose name fits the pattern; repeatable.",
            examples=[["ddos*"]],
        ),
    ] = []
    severity: (
        Annotated[Severity, Meta(description="Only incidents that ever had it.")] | UnsetType
    ) = UNSET
    scope: Annotated[Scope, Meta(description="Only incidents of this scope.")] | UnsetType = UNSET
    grep: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="Only incidents with this in title, subject, messages, note or labels.",
            ),
        ]
        | UnsetType
    ) = UNSET
    firing: Annotated[bool, Meta(description="Only incidents that fire now.")] = False
    top: Annotated[int, Meta(ge=1, le=MAX_TOP, description="Maximum incidents.")] = 100


class IncidentParameters(Parameters, frozen=True, kw_only=True):
    """Which incident is meant."""

    id: _Incident


class MarksParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of the list of marks."""

    since: Annotated[_Wall, Meta(description="Leave out marks before.")] | UnsetType = UNSET
    until: Annotated[_Wall, Meta(description="Leave out marks at or after.")] | UnsetType = UNSET
    top: Annotated[int, Meta(ge=1, le=MAX_TOP, description="Maximum marks, the newest.")] = 100


class SilenceParameters(Parameters, frozen=True, kw_only=True):
    """Which silence is meant."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{16}$", description="The id of a silence.")]


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request."""


class NewMark(Body, frozen=True, kw_only=True):
    """A moment that a user names."""

    text: Annotated[
        str,
        Meta(min_length=1, max_length=MAX_TEXT, description="One line of plain text."),
    ]
    at: (
        Annotated[
            str,
            Meta(
                max_length=40,
                description="ISO 8601, UTC unless it says otherwise; without it, now.",
                examples=["2026-11-22T08:26:40Z"],
            ),
        ]
        | UnsetType
    ) = UNSET


class NewNote(Body, frozen=True, kw_only=True):
    """What a user writes about an incident; empty takes the note away."""

    note: Annotated[str, Meta(max_length=MAX_NOTE)]


class NewSilence(Body, frozen=True, kw_only=True):
    """What to notify nobody of, and for how long.

    With `incident` it is all that the rule of this incident says of its subject, with `rule` all
    that the rule says, with `where` all that this filter chooses, without them everything.
    """

    seconds: Annotated[int, Meta(ge=60, le=LONGEST)]
    incident: _Incident | UnsetType = UNSET
    rule: _Name | UnsetType = UNSET
    where: _Choice | UnsetType = UNSET
