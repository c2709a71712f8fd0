# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_to_adba creates the activation object on a domain controller: after the check of all machines, once, and within its budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from .adba_by_hand import BOOK, directory_of, state
from .harness import Lab, Results, report_rows

pytestmark = pytest.mark.slow

ESTATE = "adba_create.yml"
KEY = "CCCCC-VVVVV-KKKKK-22222-33333"
ONLINE = "DoActiveDirectoryOnlineActivation"


def run(lab: Lab, hosts: str, *options: str, **changes: Any) -> Results:
    vault = lab.folder / "object.yml"
    vault.write_text(yaml.safe_dump({"adba_object_product_key": KEY}), encoding="utf-8")
    given = {
        "kms_to_adba_hosts": hosts,
        "adba_directory": directory_of(lab),
        "adba_object_host": "DC1",
        "adba_object_name": "Servers",
        "adba_object_product_name": "Windows Server 2022",
        "adba_max_activations": 1,
        **changes,
    }
    return lab.run(BOOK, given, options=("--extra-vars", f"@{vault}", *options))


@dataclass(frozen=True)
class Story:
    """A run with a machine that the object would not cover, check mode, the run, and a second run."""

    stopped: Results
    forecast: Results
    objects_before: int
    done: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    stopped, forecast = run(lab, "covered:newer"), run(lab, "covered", "--check")
    before = len(lab.client.directory("fresh.lab")["objects"])
    return Story(stopped, forecast, before, run(lab, "covered"), run(lab, "covered", adba_max_activations=0))


def test_no_object_is_created_for_machines_that_it_would_not_cover(story: Story) -> None:
    assert report_rows(story.stopped)["S25"]["code"] == "no_object_covers"
    assert "Servers is for Windows Server 2022." in report_rows(story.stopped)["S25"]["message"]
    assert (story.stopped.calls("DC1", ONLINE), story.forecast.calls("DC1", ONLINE), story.objects_before) == (0, 0, 0)


def test_check_mode_predicts_the_move_with_the_object(story: Story) -> None:
    assert {row["status"] for row in report_rows(story.forecast).values()} == {"planned"}


def test_one_object_is_created_and_activates_the_machines(story: Story, lab: Lab) -> None:
    assert (story.done.calls("DC1", ONLINE), story.done.run.exit_code) == (1, 0)
    assert [each["name"] for each in lab.client.directory("fresh.lab")["objects"]] == ["Servers"]
    for name in ("S22-1", "S22-2", "S22-3"):
        assert (state(lab, name)["used"], state(lab, name)["object"]) == ("ad", "Servers")


def test_a_second_run_creates_nothing_and_knows_the_product_of_the_object(story: Story, lab: Lab) -> None:
    assert (story.again.run.exit_code, story.again.calls("DC1", ONLINE)) == (0, 0)
    assert sum(story.again.writes(name) for name in lab.names()) == 0
