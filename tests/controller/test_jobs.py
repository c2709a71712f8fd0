# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of templates that a site could have: where they run, what is left of them, and what nobody may read in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from awx_rules.launch import Refused

from .lab_site import ACCOUNT, CSVLK, MAK, Site, leaks


def test_a_job_reads_with_the_machine_credential_and_the_collection_of_the_execution_environment(site: Site) -> None:
    done = site.launch("Site report", limit="file-*", job_slice_count=1)
    assert done.status == "successful"
    paths = {str(entry.get("task_path", "")) for entry in done.job.results("runner_on_ok")}
    installed = str(site.controller.environment.collections)
    assert paths
    assert all(path.startswith(installed) for path in paths)
    assert {entry["host"] for entry in done.job.results("runner_on_ok")} <= {"file-01", "file-02", "localhost"}


def test_nothing_of_a_job_is_left_for_the_next(site: Site) -> None:
    first, second = site.launch("Site keeps a file"), site.launch("Site keeps a file")
    assert (first.status, second.status) == ("successful", "successful")
    places = {Path(place) for done in (first, second) for place in done.artifacts["places"]}
    assert len(places) == 6
    assert not any(place.exists() or place.parent.exists() for place in places)


def test_a_key_in_an_event_is_found(site: Site) -> None:
    done = site.controller.launch("Site careless")
    assert done.status == "successful"
    assert leaks(done.job.text, site.controller.secrets()) != []


def test_the_search_knows_passwords_and_keys_of_name_servers(site: Site) -> None:
    secrets = site.controller.secrets()
    assert {ACCOUNT["password"], MAK, CSVLK} < secrets
    assert len(secrets) == 6
    for secret in secrets:
        assert leaks(f'{{"msg": "a {secret} b"}}', secrets) != []
        assert leaks("nothing", secrets) == []


def test_a_key_of_a_credential_activates_and_a_check_before_it_changes_nothing(site: Site) -> None:
    answers = {"convert_to_mak_hosts": "clock-01:file-01", "mak_client_max_activations": 5}
    checked = site.launch("Site MAK from a credential", answers, job_type="check")
    assert checked.status == "successful", checked.job.stdout
    assert site.product("clock-01") == ("gvlk", False)
    done = site.launch("Site MAK from a credential", answers)
    assert done.status == "successful", done.job.stdout
    assert site.product("clock-01") == ("mak", True)


def test_a_key_of_a_survey_is_used_and_not_shown(site: Site) -> None:
    done = site.launch("Site MAK from a survey", {"convert_to_mak_hosts": "file-*", "mak_client_product_key": MAK})
    assert done.status == "successful", done.job.stdout
    assert "33333" in done.job.stdout


def test_an_empty_key_of_a_survey_is_refused_by_the_play_before_anything_is_changed(site: Site) -> None:
    site.lab.reset_counters()
    done = site.launch("Site MAK from a survey", {"convert_to_mak_hosts": "file-*", "mak_client_product_key": ""})
    assert done.status == "failed"
    assert sum(machine["writes"] for machine in site.lab.counters().values()) == 0
    with pytest.raises(Refused):
        site.launch("Site MAK from a survey", {"convert_to_mak_hosts": "file-*"})


def test_a_second_verification_has_its_own_result(site: Site) -> None:
    done = site.run_workflow("Verify all, then those that are licensed")
    assert done.state == {"all": "failed", "licensed": "successful"}
    assert done.status == "successful"
    assert "2 of 2 machines licensed" in done.nodes["licensed"].job.stdout


def is_at(name: str) -> Any:
    """Return whether a task has started."""

    def watch(events: Sequence[Mapping[str, Any]]) -> bool:
        return any(event["event"] == "playbook_on_task_start" and name in event["event_data"]["task"] for event in events)

    return watch


def test_a_job_that_is_canceled_during_an_activation_is_launched_again(site: Site) -> None:
    answers = {"convert_to_mak_hosts": "new-01", "mak_client_max_activations": 1}
    site.lab.set_fault("new-01", "activate_duration", seconds=20)
    canceled = site.launch("Site MAK from a credential", answers, watch=is_at("Activate the machine"))
    assert canceled.status == "canceled", canceled.job.stdout
    assert canceled.artifacts.get("convert_to_mak_outcome", {}).get("outcome") != "ok"
    site.lab.clear_faults()
    done = site.launch("Site MAK from a credential", answers)
    assert done.status == "successful", done.job.stdout
    assert site.product("new-01") == ("mak", True)
