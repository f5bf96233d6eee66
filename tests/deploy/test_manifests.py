"""The manifests and the Compose file are what their programs accept; their options exist."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from logmon_tui.cli import cli
from tests.brokers import SERVER, needs_broker

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
kubernetes_validate = pytest.importorskip(
    "kubernetes_validate", reason="kubernetes-validate is not installed"
)

ASSETS = Path(__file__).parents[2] / "assets"
MANIFESTS = sorted((ASSETS / "kubernetes").glob("*.yaml"))
VERSION = "1.32"


def documents() -> Iterator[Any]:
    for file in MANIFESTS:
        for place, each in enumerate(yaml.safe_load_all(file.read_text())):
            yield pytest.param(each, id=f"{file.stem}-{place}-{each['kind']}")


def pods() -> dict[str, Any]:
    found = {}
    for file in MANIFESTS:
        for each in yaml.safe_load_all(file.read_text()):
            template = each.get("spec", {}).get("template")
            if template:
                found[each["metadata"]["name"]] = template["spec"]
    return found


def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ASSETS / "compose/compose.yaml").read_text())
    return services["services"]


@pytest.mark.parametrize("document", list(documents()))
def test_a_manifest_fits_the_schema(document: Any) -> None:
    kubernetes_validate.validate(document, VERSION, strict=True)


@pytest.mark.parametrize("name", list(pods()))
def test_a_pod_has_no_more_rights_than_it_needs(name: str) -> None:
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        rights = container["securityContext"]
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["capabilities"] == {"drop": ["ALL"]}
        root = rights.get("runAsUser", pod.get("securityContext", {}).get("runAsUser")) == 0
        assert root == (name == "logmon-agent"), "only agents read files of root"
        for mount in container["volumeMounts"]:
            volume = next(
                (each for each in pod.get("volumes", ()) if each["name"] == mount["name"]), {}
            )
            if "hostPath" in volume and mount["name"] != "state":
                assert mount["readOnly"] is True


def commands() -> Iterator[Any]:
    for name, pod in pods().items():
        for container in pod["containers"]:
            if container["image"].startswith("logmon-tui"):
                yield pytest.param(container["args"], id=name)
    for name, service in services().items():
        if service["image"].startswith("logmon-tui"):
            yield pytest.param(service["command"], id=f"compose-{name}")


@pytest.mark.parametrize("arguments", list(commands()))
def test_its_command_names_commands_and_options_that_there_are(arguments: list[str]) -> None:
    command: click.Command = cli
    context = click.Context(cli, info_name="logmon-tui")
    given = list(arguments)
    while isinstance(command, click.Group):
        name = given.pop(0)
        found = command.get_command(context, name)
        assert found is not None
        assert found.name == name
        command, context = found, click.Context(found, info_name=name, parent=context)
    known = {option for each in command.params for option in each.opts}
    assert {each.split("=")[0] for each in given if each.startswith("--")} <= known


def test_every_secret_and_volume_is_there() -> None:
    keys = {
        key
        for file in MANIFESTS
        for each in yaml.safe_load_all(file.read_text())
        if each["kind"] == "Secret"
        for key in each["stringData"]
    }
    for pod in pods().values():
        volumes = {each["name"] for each in pod.get("volumes", ())}
        for volume in pod.get("volumes", ()):
            asked = {item["key"] for item in volume.get("secret", {}).get("items", ())}
            assert asked <= keys
        for container in pod["containers"]:
            mounted = {each["name"] for each in container["volumeMounts"]}
            assert mounted - {"data"} <= volumes
            for variable in container.get("env", ()):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                assert reference is None or reference["key"] in keys


@needs_broker
def test_the_broker_accepts_its_configuration(tmp_path: Path) -> None:
    (config,) = (
        each["data"]["nats.conf"]
        for each in yaml.safe_load_all((ASSETS / "kubernetes/broker.yaml").read_text())
        if each["kind"] == "ConfigMap"
    )
    file = tmp_path / "nats.conf"
    file.write_text(config.replace("/data", str(tmp_path)))
    names = re.findall(r"\$([A-Z_]+_PASSWORD)", config)
    assert len(names) == 3
    passwords = {name: f"p{place}0a1" for place, name in enumerate(names)}
    done = subprocess.run(
        [str(SERVER), "-t", "-c", str(file)],
        env={**os.environ, **passwords},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
