# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check finds about add-ons: a machine without the required year fails, and a key beside Windows breaks no other rule."""

from __future__ import annotations

from typing import Any

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import (
    CheckData,
    CheckFinding,
    CheckSettings,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import esu
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Channel, LicensedProduct, LicenseStatus

from ...conftest import build_product, build_state
from ...esu_machines import WINDOWS_10, WINDOWS_11, build_addon, build_windows

UNLICENSED = {"status": LicenseStatus.UNLICENSED}


def found(
    *addons: LicensedProduct, esu_name: str | None = "windows_10_year_2", system: dict[str, Any] | None = None, **more: Any
) -> tuple[CheckFinding, ...]:
    state = build_state(build_windows(), *addons, **(system or WINDOWS_10))
    desired = CheckSettings(
        probe=False,
        esu=esu.named(esu_name) if esu_name else None,
        expected_channels=frozenset({Channel.RETAIL}),
        fail_on=frozenset({"error"}),
    )
    return check.findings(CheckData(state, state.os.time, **more), desired)


def ids(*addons: LicensedProduct, **more: Any) -> list[str]:
    return [each.id for each in found(*addons, **more)]


def test_the_required_year_is_enough() -> None:
    assert ids(build_addon()) == []
    assert ids(build_addon(), build_addon("windows_10_year_1", "OOOOO")) == []


def test_a_machine_without_the_required_year_fails() -> None:
    (missing,) = found()
    assert (missing.id, missing.severity.value) == ("esu_missing", "error")
    assert "Azure Arc" in missing.next_steps[-1]
    assert set(ids(build_addon("windows_10_year_1", "OOOOO"))) == {"esu_missing", "esu_ended"}


def test_the_missing_update_comes_before_the_key() -> None:
    (missing,) = found(esu_prepared=False)
    assert missing.next_steps[0] == "Install KB5046613 (build 19045.5131) or a later cumulative update, and restart the machine."
    (missing,) = found(esu_prepared=True)
    assert missing.next_steps[0].startswith("Run mak_client with esu: windows_10_year_2")


def test_a_key_that_is_not_activated_fails_with_the_code_of_the_last_attempt() -> None:
    addon = build_addon(**UNLICENSED)
    (plain,) = found(addon)
    assert (plain.id, plain.error) == ("esu_not_licensed", None)
    (explained,) = found(addon, failures={addon.activation_id: 0x80072F8F})
    assert explained.error is not None
    assert explained.error["code"] == "0x80072F8F"
    assert "DefaultSecureProtocols" in explained.next_steps[0]


def test_keys_are_checked_without_a_required_year() -> None:
    assert ids(build_addon(), esu_name=None) == []
    assert ids(build_addon(**UNLICENSED), esu_name=None) == ["esu_not_licensed"]


def test_a_year_that_is_over_is_a_warning_until_a_later_one_is_licensed() -> None:
    first = build_addon("windows_10_year_1", "OOOOO")
    (ended,) = found(first, esu_name=None)
    assert (ended.id, ended.severity.value) == ("esu_ended", "warning")
    assert "windows_10_year_2" in ended.next_steps[0]
    assert ids(first, build_addon(), esu_name=None) == []
    assert ids(build_addon("windows_10_year_1", "OOOOO", **UNLICENSED), build_addon(), esu_name=None) == []


def test_a_windows_that_the_programme_is_not_for_is_only_told() -> None:
    (other,) = found(system=WINDOWS_11)
    assert (other.id, other.severity.value) == ("esu_not_for_this_windows", "info")
    (older,) = found(system={**WINDOWS_10, "build": 19044})
    assert (older.id, "22H2" in older.next_steps[0]) == ("esu_missing", True)


def test_an_ltsc_edition_that_only_the_registry_shows_has_no_programme() -> None:
    (finding,) = found(edition_id="EnterpriseS")
    assert finding.id == "esu_not_for_this_windows"
    assert "LTSC editions are not part of the programme" in finding.next_steps[0]


def test_another_addon_that_is_not_activated_is_named() -> None:
    other = build_product(activation_id="aaaaaaaa-0000-4000-8000-00000000000b", name="Other add-on", is_addon=True, **UNLICENSED)
    (finding,) = found(other, esu_name=None)
    assert (finding.id, finding.product_name) == ("not_licensed", "Other add-on")
