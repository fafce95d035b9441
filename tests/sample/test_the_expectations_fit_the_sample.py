"""What the expert wrote about the sample names everything that is there and nothing else."""

import ast
import json
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_monolith"
REGISTRY = """
import json
import django
from django.apps import apps
from django.urls import URLPattern, get_resolver

django.setup()
OWN = ("store", "reports", "legacy_api")

def routes(patterns, prefix="/"):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            yield [route, view.__module__ + ":" + view.__name__]
        elif not route.startswith("/admin/"):
            yield from routes(pattern.url_patterns, route)

from bramble.celery import app
app.loader.import_default_modules()
models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OWN]
print(json.dumps({
    "tables": sorted(model._meta.db_table for model in models),
    "routes": sorted(routes(get_resolver().url_patterns)),
    "tasks": sorted([n, t.__module__ + ":" + t.__name__] for n, t in app.tasks.items()
                    if not n.startswith("celery.")),
    "schedule": sorted([name, entry["task"]] for name, entry in app.conf.beat_schedule.items()),
}))
"""


@cache
def expected(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"expected_{name}.toml").read_text("utf-8"))


@cache
def registry() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REGISTRY],
        cwd=SAMPLE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bramble.settings_test"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@cache
def definitions() -> dict[str, tuple[str, int, int]]:
    """Every unit of the sample, with its path and its first and last line."""
    found = {}
    for path in sorted(SAMPLE.rglob("*.py")):
        place = path.relative_to(SAMPLE)
        if {"tests", "migrations"} & set(place.parts) or place.name == "conftest.py":
            continue
        module = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text("utf-8")
        found[module] = (place.as_posix(), 1, len(text.splitlines()))
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found[f"{module}:{node.name}"] = (place.as_posix(), first, node.end_lineno or first)
    return found


def assigned(kind: str) -> list[str]:
    services = expected("decomposition")["services"]
    return [member for service in services.values() for member in service[kind]]


def service_of() -> dict[str, str]:
    services = expected("decomposition")["services"]
    return {
        member: name
        for name, service in services.items()
        for member in (*service["tables"], *service["units"])
    }


def findings(kind: str) -> list[dict[str, Any]]:
    return list(expected("findings")[kind])


def test_every_table_has_one_service():
    assert sorted(assigned("tables")) == registry()["tables"]


def test_the_sample_is_as_large_as_it_should_be():
    assert len(registry()["tables"]) >= 25
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in SAMPLE.rglob("*.py"))
    assert lines >= 4000


def test_every_unit_has_one_service_or_is_shared():
    units = assigned("units") + expected("decomposition")["shared"]["units"]
    assert sorted(units) == sorted(definitions())


def test_opinions_that_differ_name_known_members_and_services():
    known = {*expected("decomposition")["services"], "shared"}
    for member, others in expected("decomposition")["arguable"].items():
        assert member in {*assigned("tables"), *definitions()}
        assert set(others) <= known - {service_of().get(member, "shared")}


@pytest.mark.parametrize("saga", findings("sagas"), ids=lambda saga: saga["unit"])
def test_a_saga_spans_the_services_of_what_it_writes(saga: dict[str, Any]):
    assert saga["unit"] in definitions()
    assert sorted({service_of()[table] for table in saga["writes"]}) == saga["services"]
    assert len(saga["services"]) > 1
    assert set(saga["locks"]) <= set(assigned("tables"))
    assert saga["pivot"] in saga["steps"]
    assert set(saga["steps"]) <= set(saga["services"])


@pytest.mark.parametrize("local", findings("local_transactions"), ids=lambda found: found["unit"])
def test_a_local_transaction_writes_one_service(local: dict[str, Any]):
    assert local["unit"] in definitions()
    own = [table for table in local["writes"] if table != "auth_user"]  # the framework's
    assert {service_of()[table] for table in own} == {local["service"]}


@pytest.mark.parametrize("coupling", findings("couplings"), ids=lambda coupling: coupling["id"])
def test_a_planted_coupling_stands_where_it_should(coupling: dict[str, Any]):
    module = coupling["path"].removesuffix(".py").replace("/", ".")
    unit = f"{module}:{coupling['symbol']}" if coupling["symbol"] else module
    path, first, last = definitions()[unit]
    lines = (SAMPLE / path).read_text("utf-8").splitlines()[first - 1 : last]
    assert any(coupling["line_contains"] in line for line in lines)
    assert set(coupling["services"]) <= set(expected("decomposition")["services"])
    assert set(coupling.get("tables", ())) <= set(assigned("tables"))


def test_couplings_have_different_names():
    names = [coupling["id"] for coupling in findings("couplings")]
    assert sorted(set(names)) == sorted(names)


def test_every_route_is_an_entry_point():
    listed = [[way["route"], way["unit"]] for way in expected("findings")["entry_points"]["http"]]
    assert sorted(listed) == registry()["routes"]


def test_every_task_and_schedule_is_an_entry_point():
    ways = expected("findings")["entry_points"]
    assert [[way["name"], way["unit"]] for way in ways["tasks"]] == registry()["tasks"]
    assert [[way["name"], way["task"]] for way in ways["schedule"]] == registry()["schedule"]


def test_every_command_and_receiver_is_an_entry_point():
    ways = expected("findings")["entry_points"]
    commands = SAMPLE.glob("store/management/commands/[!_]*.py")
    assert [way["name"] for way in ways["commands"]] == sorted(path.stem for path in commands)
    receivers = (SAMPLE / "store/signals.py").read_text("utf-8").count("\n@receiver(")
    listed = {(way["name"], way["unit"]) for way in ways["signals"]}
    assert len(listed) == receivers - 1  # product_changed listens to two senders of one signal
    named = {way["unit"] for kind in ("commands", "signals") for way in ways[kind]}
    assert named <= set(definitions())


@pytest.mark.parametrize("secret", findings("secrets"), ids=lambda secret: secret["name"])
def test_a_secret_stands_in_the_settings(secret: dict[str, Any]):
    assert f"\n{secret['name']} = " in (SAMPLE / secret["path"]).read_text("utf-8")
