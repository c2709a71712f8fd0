# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a machine can have a programme: what is missing is named, and what could not be read is not called missing."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import esu
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.esu import fitness
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Channel, LicenseStatus, ProductType
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.servicing import Servicing

from ...conftest import build_state
from ...esu_machines import WINDOWS_10, WINDOWS_11, build_windows

YEAR_2 = esu.named("windows_10_year_2")
SERVER = esu.named("windows_server_2012_year_3")
SERVER_2012_R2: dict[str, Any] = {"version": "6.3.9600", "build": 9600, "caption": "Microsoft Windows Server 2012 R2 Standard"}


def test_a_programme_fits_its_windows_whatever_licenses_it() -> None:
    for channel in Channel:
        fitness.refuse_unfit(build_state(build_windows(channel), **WINDOWS_10), YEAR_2)


@pytest.mark.parametrize(
    ("system", "family", "step"),
    [
        (WINDOWS_11, "Professional", "Exclude this machine"),
        ({**WINDOWS_10, "build": 19044}, "EnterpriseS", "LTSC"),
        ({**WINDOWS_10, "build": 19044}, "Professional", "Update the machine to Windows 10, version 22H2 first."),
        (SERVER_2012_R2, "ServerStandard", "windows_server_2012_year_1, windows_server_2012_year_2, windows_server_2012_year_3"),
    ],
)
def test_another_windows_is_refused_with_the_way(system: dict[str, Any], family: str, step: str) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        fitness.refuse_unfit(build_state(build_windows(family=family), **system), YEAR_2)
    assert refused.value.error_code == "esu_not_for_this_windows"
    assert step in refused.value.explain().next_steps[0]


@pytest.mark.parametrize(
    ("found", "said", "step"),
    [
        (Servicing(revision=4046), "The machine has build 19045.4046.", "Install KB5046613"),
        (Servicing(revision=5131), "The machine has build 19045.5131.", "Restart the machine"),
        (Servicing(), "could not be read", "Install KB5046613"),
    ],
)
def test_the_updates_of_a_client_are_named_by_build(found: Servicing, said: str, step: str) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        fitness.refuse_unprepared(build_state(build_windows(), **WINDOWS_10), YEAR_2, found)
    assert refused.value.error_code == "esu_preparation_missing"
    assert said in str(refused.value)
    assert "KB5046613 (build 19045.5131)" in str(refused.value)
    assert refused.value.explain().next_steps[0].startswith(step)


@pytest.mark.parametrize(
    ("updates", "said", "step"),
    [
        (frozenset(), "lists none", "Install KB4490628, KB4474419, KB4538483 in this order"),
        (frozenset({"KB4474419", "KB4490628"}), "lists KB4490628 and KB4474419", "Install KB4538483"),
        (frozenset({"KB4474419", "KB4490628", "KB4538483"}), "KB4538483", "Restart the machine"),
        (None, "could not be read", "Install KB4490628"),
    ],
)
def test_the_updates_of_an_older_windows_are_named_one_by_one(updates: frozenset[str] | None, said: str, step: str) -> None:
    state = build_state(build_windows(), version="6.1.7601", build=7601, product_type=ProductType.CLIENT)
    with pytest.raises(TaskRefusedError) as refused:
        fitness.refuse_unprepared(state, esu.named("windows_7_year_1"), Servicing(updates=updates))
    assert said in str(refused.value)
    assert refused.value.explain().next_steps[0].startswith(step)


@pytest.mark.parametrize("status", LicenseStatus)
def test_windows_itself_must_be_activated(status: LicenseStatus) -> None:
    state = build_state(build_windows(status=status), **WINDOWS_10)
    if status.is_activated:
        fitness.refuse_windows_not_activated(state, str(YEAR_2))
        return
    with pytest.raises(TaskRefusedError, match="No activation was used") as refused:
        fitness.refuse_windows_not_activated(state, str(YEAR_2))
    assert refused.value.error_code == "windows_not_activated"


def test_a_subscription_counts_as_activated_and_no_key_does_not() -> None:
    fitness.refuse_windows_not_activated(
        build_state(build_windows(status=LicenseStatus.NOTIFICATION, by_subscription=True), **WINDOWS_10), "It"
    )
    with pytest.raises(TaskRefusedError, match="does not have a product key"):
        fitness.refuse_windows_not_activated(build_state(**WINDOWS_10), "It")


def test_a_year_that_is_over_is_a_warning_with_the_current_year() -> None:
    now = datetime(2026, 11, 20, tzinfo=timezone.utc)
    assert fitness.warnings(YEAR_2, now) == ()
    (ended,) = fitness.warnings(esu.named("windows_10_year_1"), now)
    assert ("ended on 2026-10-13" in ended, "windows_10_year_2" in ended) == (True, True)
    (last,) = fitness.warnings(SERVER, now)
    assert "No later year has a key" in last


def test_an_evaluation_edition_with_the_updates_is_converted_and_not_restarted() -> None:
    windows = build_windows(channel=Channel.EVALUATION, family="ServerStandardEval")
    state = build_state(windows, version="6.3.9600", build=9600, product_type=ProductType.SERVER)
    with pytest.raises(TaskRefusedError) as refused:
        fitness.refuse_unprepared(state, SERVER, Servicing(updates=frozenset({"KB5017220"})))
    first, *others = refused.value.explain().next_steps
    assert "ServerStandardEval is an evaluation edition" in first
    assert any("DISM" in step for step in others)


def test_a_windows_that_failed_the_genuine_validation_is_recovered_first() -> None:
    state = build_state(build_windows(status=LicenseStatus.NON_GENUINE_GRACE), **WINDOWS_10)
    with pytest.raises(TaskRefusedError) as refused:
        fitness.refuse_windows_not_activated(state, str(YEAR_2))
    assert "recover_nongenuine" in refused.value.explain().next_steps[0]
