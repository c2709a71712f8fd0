# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README says everything there is: its example loads, and no fault, endpoint or state is missing from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from winlab.protocol.batch import faults as batch_faults
from winlab.protocol.control import Control, Estate
from winlab.protocol.service import Service
from winlab.protocol.transport_faults import OPTIONS
from winlab.simulation import build, estate_batch, estate_directories, estate_keys
from winlab.simulation import estate as estate_module
from winlab.simulation.faults import WORLD_FAULTS
from winlab.simulation.states import STATES
from winlab.simulation.wpa_states import STATES as STATES_2003

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line.startswith("|")]


def test_the_example_estate_has_thirteen_machines(estate_of: Callable[[str], estate_module.Estate]) -> None:
    text = README.split("```yaml\n")[1].split("```")[0]
    assert len(text.splitlines()) <= 15
    estate = estate_of(text)
    assert len(estate.machines) == 13
    assert estate.snapshot("srv01")["products"][0]["properties"]["LicenseStatus"] == 1


@pytest.mark.parametrize(("fault", "parameters"), [*WORLD_FAULTS.items(), *OPTIONS.items(), *batch_faults.OPTIONS.items()])
def test_every_fault_is_listed_with_its_parameters(fault: str, parameters: Any) -> None:
    (row,) = [row for row in ROWS if fault in row[0].split(", ")]
    assert set(re.findall(r"\b[a-z_]+\b(?=[,:]|$)", re.sub(r": [^|]*", "", row[1]))) == set(parameters)


def test_every_request_of_the_control_api_is_listed() -> None:
    app = Control(cast("Estate", None), cast("Service", None), cast("Any", None)).application()
    routes = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource and route.method != "HEAD"}
    listed = {tuple(found) for row in ROWS for found in re.findall(r"`(GET|POST|DELETE) (/[a-zA-Z_/]*)`", row[0])}
    assert {(method, path.replace("{name}", "NAME").replace("{domain}", "DOMAIN")) for method, path in routes} == listed


@pytest.mark.parametrize("state", [*STATES, *STATES_2003])
def test_every_state_is_listed(state: str) -> None:
    assert re.search(rf"\b{state}\b", README)


@pytest.mark.parametrize(
    "entry",
    sorted(
        {
            *build.MACHINE_ENTRIES,
            *build.KMS_HOST_ENTRIES,
            *estate_keys.KEY_ENTRIES,
            *estate_batch.BATCH_ENTRIES,
            *estate_module.ESTATE_ENTRIES,
            *estate_directories.OWN_ENTRIES,
            *estate_directories.REAL_ENTRIES,
            *estate_directories.OBJECT_ENTRIES,
            *estate_directories.ACCOUNT_ENTRIES,
        }
    ),
)
def test_every_entry_of_an_estate_file_is_listed(entry: str) -> None:
    about = README.partition("## Estate files")[2].partition("\n## ")[0]
    assert re.search(rf"\b{entry}\b", about)


def test_every_way_to_spoil_an_answer_of_the_batch_activation_service_is_listed() -> None:
    (row,) = [row for row in ROWS if row[0] == "batch_answer"]
    assert set(batch_faults.KINDS) <= set(re.findall(r"\w+", row[2]))
