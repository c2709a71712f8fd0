# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate of 60 machines moves from KMS to Active Directory and back, interrupted in the middle, and ends as one that was not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from stale import stale_values

from .adba_by_hand import back, migration_of, move, state, states, variables
from .conftest import lab_with
from .harness import FQCN, Lab, Results, report_rows
from .interrupt import cut
from .warm import WarmStarts

pytestmark = pytest.mark.slow

ESTATE = "adba.yml"
BOOK = f"{FQCN}.kms_to_adba"
BATCH = 15
MAKS = {"MAK-01", "MAK-02"}
Found = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """What an estate is at each point, and its runs."""

    before: Found
    forecast: Results
    halfway: Found
    moved: Found
    done: Results
    again: Results
    returned: Found
    way_back: Results


def tell(lab: Lab, *, interrupted: bool) -> Story:
    """Move an estate and bring it back, both interrupted in the middle or not."""
    before = states(lab, "estate")
    forecast = move(lab, "estate", "--check")
    halfway: Found = {}
    if interrupted:
        book = (BOOK, variables(lab, "estate", kms_to_adba_serial=BATCH))
        cut(lab, "moving", [book], lambda: in_second_batch(lab, "ad"))
        halfway = states(lab, "estate")
    done = move(lab, "estate", kms_to_adba_serial=BATCH, **(stale_values() if interrupted else {}))
    moved, again = states(lab, "estate"), move(lab, "estate", kms_to_adba_serial=BATCH)
    if interrupted:
        given = {"convert_to_kms_hosts": "estate:!mak", "kms_client_activation_type": "kms", "convert_to_kms_serial": BATCH}
        cut(lab, "returning", [(f"{FQCN}.convert_to_kms", given)], lambda: in_second_batch(lab, "kms"))
    way_back = back(lab, "estate:!mak")
    return Story(before, forecast, halfway, moved, done, again, states(lab, "estate"), way_back)


def in_second_batch(lab: Lab, used: str) -> bool:
    """Whether more machines than those of one batch are activated in this way."""
    return sum(state(lab, name)["used"] == used for name in lab.names("estate")) > BATCH


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory, warm_starts: WarmStarts) -> Story:
    with lab_with(ESTATE, tmp_path_factory.mktemp("interrupted"), warm_starts) as lab:
        return tell(lab, interrupted=True)


@pytest.fixture(scope="module")
def straight(interrupted: Story, tmp_path_factory: pytest.TempPathFactory, warm_starts: WarmStarts) -> Story:
    """The same estate once more, in a lab of its own, after the other one has ended."""
    del interrupted
    with lab_with(ESTATE, tmp_path_factory.mktemp("straight"), warm_starts) as lab:
        return tell(lab, interrupted=False)


def test_sixty_machines_begin_with_kms(interrupted: Story) -> None:
    assert Counter(each["used"] for each in interrupted.before.values()) == {"kms": 50, None: 10}
    assert len(interrupted.before) == 60


def test_check_mode_predicts_the_run_and_writes_nothing(interrupted: Story) -> None:
    rows = report_rows(interrupted.forecast)
    assert Counter(row["status"] for row in rows.values()) == {"planned": 58, "not_affected": 2}
    assert not any(interrupted.forecast.writes(name) for name in interrupted.before)
    assert interrupted.forecast.run.artifacts["kms_to_adba_outcome"]["outcome"] == "planned"


def test_the_run_was_interrupted_in_the_middle(interrupted: Story) -> None:
    by_ad = sum(each["used"] == "ad" for each in interrupted.halfway.values())
    assert BATCH < by_ad < 58


@pytest.mark.parametrize("point", ["moved", "returned"])
def test_an_interrupted_estate_ends_as_one_that_was_not(interrupted: Story, straight: Story, point: str) -> None:
    assert getattr(interrupted, point) == getattr(straight, point)


def test_the_object_activates_every_kms_client_and_nothing_else_changes(interrupted: Story) -> None:
    for name, after in interrupted.moved.items():
        was = interrupted.before[name]
        if name in MAKS:
            assert after == was
        else:
            assert after == {**was, "licensed": True, "used": "ad", "allowed": "ad", "object": "corp-2025"}


def test_the_report_has_every_machine_and_the_migration(interrupted: Story) -> None:
    rows, found = report_rows(interrupted.done), migration_of(interrupted.done)
    assert set(rows) == set(interrupted.before)
    assert {rows[name]["status"] for name in MAKS} == {"not_affected"}
    assert found["counts"]["by_ad"] == 58
    assert [(each["object_name"], each["count"]) for each in found["objects"]] == [("corp-2025", 58)]
    assert interrupted.done.run.artifacts["kms_to_adba_outcome"]["outcome"] == "ok"
    assert "58 machines" in interrupted.done.output


def test_a_second_run_writes_nothing(interrupted: Story) -> None:
    assert not any(interrupted.again.writes(name) for name in interrupted.before)
    assert interrupted.again.run.artifacts["kms_to_adba_outcome"]["outcome"] == "nothing_to_do"


def test_the_way_back_leads_to_kms(interrupted: Story) -> None:
    for name, after in interrupted.returned.items():
        was = interrupted.before[name]
        if name in MAKS:
            assert after == was
        else:
            assert after == {**was, "licensed": True, "used": "kms", "allowed": "kms", "object": after["object"]}
            assert not after["object"]


@pytest.mark.parametrize("way", ["done", "way_back"])
def test_no_machine_fails(interrupted: Story, straight: Story, way: str) -> None:
    for story in (interrupted, straight):
        assert getattr(story, way).run.exit_code == 0
