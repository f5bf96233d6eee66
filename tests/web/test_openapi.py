"""The OpenAPI document is valid and true: what it promises is answered, and nothing else."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

import httpx
import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from starlette.applications import Starlette

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Hosts, Part, incident_id
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.snapshot import Question, Saving, Snapshot, TargetStatus
from logmon_tui.web.api.documents.common import Document, Problem
from logmon_tui.web.api.documents.incidents import FullIncident, Incidents, Marks, Silences
from logmon_tui.web.api.documents.picture import Health, Interval
from logmon_tui.web.api.documents.traffic import Answer, Graph
from logmon_tui.web.engine import Engine
from tests.effort import examples
from tests.tui.fakes import full_snapshot, hostile_snapshot, troubled_snapshot
from tests.tui.fleet_fakes import fleet_snapshot
from tests.tui.incidents import AT, incident
from tests.web.api_runs import (
    PREFIX,
    MonitorEngine,
    application,
    client_of,
    got,
    monitor_of,
)
from tests.web.api_runs import settings as watch_settings

SETTINGS = watch_settings()
DocumentT = TypeVar("DocumentT", bound=Document)


class Still(Engine):
    """An engine that knows one Snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(lambda _: None)
        self.latest = snapshot

    async def ask(self, question: Question) -> Snapshot:
        return self.latest


def everything() -> Snapshot:
    """Return a Snapshot with all that an answer can tell."""
    base = full_snapshot()
    parts = (Part("5702d3a1", "ddos", b"10.0.0.1"), Part("6702d3a1", "traffic", None))
    one = replace(incident(), hosts=Hosts(3, 4), mark=Mark(AT - 12, "api 4.12"), parts=parts)
    one = replace(one, runbook="https://wiki.example/api", by=(Scope.CLIENT, Scope.PATH))
    silence = Silence(AT, AT + 3_600, one.rule, one.scope, one.subject)
    objective = ObjectiveStatus("shop", "Shop", 0.999, 1_000, 1, AT)
    alerts = replace(
        base.alerts,
        incidents=(one, replace(incident(recovered=True), id=incident_id("x", None, AT))),
        silences=(silence, Silence(AT, AT + 60)),
        objectives=(objective,),
    )
    target = TargetStatus("pager", "bell", 1, 2, 3, "x", AT)
    ingest = replace(base.ingest, targets=(target,))
    saving = Saving("log.state", saved_at=AT)
    marks = (Mark(AT - 12, "api 4.12"),)
    return replace(base, alerts=alerts, ingest=ingest, saving=saving, marks=marks)


SNAPSHOTS = (everything, troubled_snapshot, hostile_snapshot, fleet_snapshot, Snapshot)


def as_type(found: object, kind: type[DocumentT]) -> DocumentT:
    """Return an answer as its type, which has each of its keys, and no other."""
    return msgspec.convert(found, kind, strict=True)


@pytest.mark.parametrize("make", SNAPSHOTS, ids=lambda each: each.__name__)
async def test_answers_are_of_their_types_whatever_there_is_to_tell(make: Any) -> None:
    snapshot = make()
    app = application(Still(snapshot), SETTINGS)
    interval = as_type(await got(app, "/snapshot"), Interval)
    answer = as_type(await got(app, "/query"), Answer)
    assert interval.hits == answer.hits == snapshot.now.hits
    assert as_type(await got(app, "/graph"), Graph).step == 10
    incidents = as_type(await got(app, "/incidents"), Incidents)
    assert incidents.found == len(snapshot.alerts.incidents)
    for each in snapshot.alerts.incidents:
        as_type(await got(app, f"/incidents/{each.id}"), FullIncident)
    assert as_type(await got(app, "/marks"), Marks).found == len(snapshot.marks)
    silences = as_type(await got(app, "/silences"), Silences).silences
    assert len(silences) == len(snapshot.alerts.silences)
    if not snapshot.ingest.failure:
        as_type(await got(app, "/health"), Health)


async def test_answers_of_a_watch_are_of_their_types() -> None:
    app = application(MonitorEngine(monitor_of(SETTINGS)), SETTINGS)
    for asked in ({}, {"order": "slowest"}, {"where": "path:/a/*"}, {"window": 3_000}):
        as_type(await got(app, "/query", asked), Answer)
    every = ["sections", "paths", "routes", "hosts", "users", "user_agents", "methods", "browsers"]
    as_type(await got(app, "/query", {"dimension": every}), Answer)
    as_type(await got(app, "/graph", {"columns": 100}), Graph)
    as_type(await got(app, "/query", {"window": 0}, status=400), Problem)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Starlette:
    marks = tmp_path_factory.mktemp("api") / "log.marks"
    return application(MonitorEngine(monitor_of(SETTINGS)), SETTINGS, marks)


def document_of(app: Starlette) -> dict[str, Any]:
    found: dict[str, Any] = asyncio.run(got(app, "/openapi.json"))
    return found


def references(value: object) -> Iterator[str]:
    """Yield what a document refers to."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref":
                yield each
            else:
                yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_the_document_tells_every_endpoint_and_type(app: Starlette) -> None:
    found = document_of(app)
    assert found["openapi"].startswith("3.1.")
    assert found["servers"] == [{"url": PREFIX}]
    schemas = found["components"]["schemas"]
    told = {each.removeprefix("#/components/schemas/") for each in references(found)}
    assert told == set(schemas)
    operations = [each for path in found["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names) == 14
    for each in operations:
        assert {"400", "401", "403"} < each["responses"].keys()
    described = [each for value in operations for each in value.get("parameters", [])]
    assert [each["name"] for each in described if not each.get("description")] == []


def test_the_document_is_valid_and_a_wrong_one_is_noticed(app: Starlette) -> None:
    import schemathesis

    found = document_of(app)
    schemathesis.openapi.from_dict(found).validate()
    found["paths"]["/query"]["get"]["parameters"][0]["in"] = "nowhere"
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(found).validate()


def test_answers_may_get_more_keys_but_requests_may_not(app: Starlette) -> None:
    schemas = document_of(app)["components"]["schemas"]
    strict = {name for name, each in schemas.items() if each.get("additionalProperties") is False}
    assert strict == {"NewMark", "NewNote", "NewSilence"}


def test_without_control_the_document_tells_nothing_that_changes_the_watch() -> None:
    given = watch_settings(web_control=False)
    found = document_of(application(Still(Snapshot()), given))
    methods = {method for path in found["paths"].values() for method in path}
    assert methods == {"get"}
    assert "NewNote" not in found["components"]["schemas"]


def test_what_the_document_promises_is_kept(app: Starlette) -> None:
    # Imported late: it takes a second.
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    accepted = {"expected-statuses": ["2xx", "404", "409", "422"]}
    config = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": accepted}})
    document = document_of(app)
    del document["security"]  # it is checked before a request comes here
    schema = schemathesis.openapi.from_dict(document, config=config)
    seen: Counter[tuple[str, int]] = Counter()
    for operation in schema.get_all_operations():
        seen += statuses_of(app, operation.ok())
    assert len({label for label, _ in seen}) == 14
    assert all(status < 500 for _, status in seen)
    for label in ("GET /query", "GET /incidents/{id}", "PUT /incidents/{id}/note"):
        assert seen[label, 200]
    assert seen["POST /silences", 201]


def statuses_of(app: Starlette, operation: Any) -> Counter[tuple[str, int]]:
    """Return the statuses that answers to good and bad requests have; check the answers."""
    from schemathesis import GenerationMode

    known = asyncio.run(got(app, "/incidents"))["incidents"][0]["id"]
    found: Counter[tuple[str, int]] = Counter()

    def keep(mode: GenerationMode) -> None:
        @settings(max_examples=examples(200), suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def keeps(case: Any) -> None:
            if mode is GenerationMode.POSITIVE and "/incidents/" in case.path:
                case.path_parameters = {"id": known}
            answer = asyncio.run(called(app, case))
            found[operation.label, answer.status_code] += 1
            case.validate_response(answer)

        keeps()

    keep(GenerationMode.POSITIVE)
    if operation.query or operation.path_parameters or operation.body:
        keep(GenerationMode.NEGATIVE)
    return found


async def called(app: Starlette, case: Any) -> httpx.Response:
    """Return the answer to a made-up request."""
    given = case.as_transport_kwargs(base_url=f"http://127.0.0.1{PREFIX}")
    given = {"content" if key == "data" else key: value for key, value in given.items() if value}
    async with client_of(app) as client:
        return await client.request(**given)
