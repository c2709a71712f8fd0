# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Windows can host which key: by build and update, and where nobody is sure a warning instead of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import host_matrix
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import OperatingSystem, ProductType

Systems = Callable[..., OperatingSystem]
NOTHING: frozenset[str] = frozenset()


def check(name: str, os: OperatingSystem, updates: frozenset[str] | None = NOTHING) -> tuple[str, ...]:
    return host_matrix.check(host_matrix.kind_named(name), os, updates)


@pytest.mark.parametrize(
    ("name", "build"),
    [("Windows Server 2025", 26100), ("Windows Server 2022", 20348), ("Windows Server 2019", 17763), ("Windows Server 2016", 14393)],
)
def test_every_server_hosts_the_key_of_its_own_version_without_an_update(make_os: Systems, name: str, build: int) -> None:
    assert check(name, make_os(build=build)) == ()


@pytest.mark.parametrize(
    ("name", "build", "update"),
    [
        ("Windows Server 2025", 20348, "KB5034765"),
        ("Windows Server 2025", 17763, "KB5034768"),
        ("Windows Server 2022", 17763, "KB5003646"),
        ("Windows Server 2022", 14393, "KB5003638"),
        ("Windows Server 2019", 14393, "KB4478877"),
        ("Windows Server 2019", 9600, "KB4467695"),
        ("Windows Server 2016", 9600, "KB3172614"),
        ("Windows Server 2016", 9200, "KB3172615"),
    ],
)
def test_an_older_server_needs_the_update_for_a_newer_key(make_os: Systems, name: str, build: int, update: str) -> None:
    os = make_os(build=build)
    assert host_matrix.needed_update(host_matrix.kind_named(name), os) == update
    assert check(name, os, frozenset({"KB1", update})) == ()
    with pytest.raises(TaskRefusedError, match=update) as refused:
        check(name, os, frozenset({"KB1", "File 1"}))
    assert refused.value.error_code == "host_update_missing"


@pytest.mark.parametrize(
    ("name", "build"),
    [("Windows Server 2025", 14393), ("Windows Server 2022", 26100), ("Windows Server 2019", 20348), ("Windows 10", 20348)],
)
def test_a_server_outside_the_ranges_is_refused(make_os: Systems, name: str, build: int) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        check(name, make_os(build=build))
    assert refused.value.error_code == "key_not_supported_on_host"
    assert "check_compatibility: false" in refused.value.next_steps[-1]


def test_a_later_cumulative_update_counts_and_an_older_windows_is_warned_of(make_os: Systems) -> None:
    assert check("Windows Server 2022", make_os(build=17763), frozenset({"KB5050000"})) == ()
    (warning,) = check("Windows Server 2016", make_os(build=9600), frozenset({"KB5050000"}))
    assert "KB3172614" in warning


def test_a_machine_that_does_not_tell_its_updates_is_warned_of(make_os: Systems) -> None:
    (warning,) = check("Windows Server 2022", make_os(build=17763), None)
    assert "KB5003646" in warning


def test_old_groups_are_warned_of_and_not_refused(make_os: Systems) -> None:
    (warning,) = check("Windows Server 2008 R2", make_os(build=20348))
    assert "as far as is known" in warning
    (missing,) = check("Windows Server 2012", make_os(build=7601))
    assert "KB2757817" in missing


def test_office_keys_need_a_windows_that_is_new_enough(make_os: Systems) -> None:
    client = make_os(product_type=ProductType.CLIENT, build=19045)
    assert check("Office LTSC 2024", make_os(build=20348)) == check("Office LTSC 2024", client) == ()
    with pytest.raises(TaskRefusedError):
        check("Office LTSC 2024", make_os(build=17763))
    assert host_matrix.kind_of_id("47f3b983-7c53-4d45-abc6-bcd91e2dd90a") == host_matrix.kind_named("office ltsc 2021")
    assert host_matrix.kind_of_id("11111111-2222-4333-8444-555555555555") is None


def test_a_kind_is_found_by_the_name_it_has_at_the_licensing_centre_too() -> None:
    kind = host_matrix.kind_named("Windows Srv 2012R2 DataCtr/Std KMS for Windows 10")
    assert kind.name == "Windows Server 2012 R2"
    with pytest.raises(ValueError, match=r"is not a known product_name\. Did you mean Windows Server .*, or Windows Server .*\?"):
        host_matrix.kind_named("Windows Server 2021")


updates = st.none() | st.frozensets(st.from_regex(r"KB\d{6,7}", fullmatch=True))


@given(st.sampled_from(host_matrix.names()), st.integers(6000, 30000), st.sampled_from(ProductType), updates)
def test_whatever_the_machine_is_it_is_warned_of_by_name_or_refused_with_a_way_out(
    name: str, build: int, kind: ProductType, installed: frozenset[str] | None
) -> None:
    os = OperatingSystem("M", "Windows", "10.0", build, kind, None, datetime(2026, 1, 1, tzinfo=timezone.utc))
    found: list[str] = []
    try:
        found += check(name, os, installed)
    except TaskRefusedError as refusal:
        found += [f"{name}: {step}" for step in refusal.next_steps] or ["no way out"]
    assert all(name in words for words in found)
