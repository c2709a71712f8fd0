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
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.servicing import NOT_READ, Servicing

Systems = Callable[..., OperatingSystem]


def check(name: str, os: OperatingSystem, found: Servicing = NOT_READ) -> tuple[str, ...]:
    return host_matrix.check(host_matrix.kind_named(name), os, found)


def listed(*updates: str) -> Servicing:
    return Servicing(updates=frozenset(updates))


@pytest.mark.parametrize(
    ("name", "build", "product_type"),
    [
        ("Windows Server 2025", 26100, ProductType.SERVER),
        ("Windows Server 2022", 20348, ProductType.SERVER),
        ("Windows Server 2019", 17763, ProductType.SERVER),
        ("Windows Server 2016", 14393, ProductType.SERVER),
        ("Windows Server 2012 R2", 9600, ProductType.SERVER),
        ("Windows Server 2012", 9200, ProductType.SERVER),
        ("Windows Server 2008 R2", 7601, ProductType.SERVER),
        ("Windows 11", 26100, ProductType.CLIENT),
        ("Windows 10", 19045, ProductType.CLIENT),
        ("Windows 8.1", 9600, ProductType.CLIENT),
        ("Windows 8", 9200, ProductType.CLIENT),
        ("Windows 7", 7601, ProductType.CLIENT),
    ],
)
def test_every_windows_hosts_the_key_of_its_own_version_without_an_update(
    make_os: Systems, name: str, build: int, product_type: ProductType
) -> None:
    os = make_os(build=build, product_type=product_type)
    assert not host_matrix.needs_update(host_matrix.kind_named(name), os)
    assert check(name, os) == ()


@pytest.mark.parametrize(
    ("name", "build", "update", "revision"),
    [
        ("Windows Server 2025", 20348, "KB5034765", 2322),
        ("Windows Server 2025", 17763, "KB5034768", 5458),
        ("Windows Server 2022", 17763, "KB5003646", 1999),
        ("Windows Server 2022", 14393, "KB5003638", 4467),
        ("Windows Server 2019", 14393, "KB4478877", 2641),
    ],
)
def test_since_server_2016_the_revision_of_the_build_counts(make_os: Systems, name: str, build: int, update: str, revision: int) -> None:
    os = make_os(build=build)
    assert host_matrix.shows_revision(host_matrix.kind_named(name), os)
    assert check(name, os, Servicing(revision)) == check(name, os, Servicing(revision + 2000)) == ()
    with pytest.raises(TaskRefusedError, match=rf"{build}\.{revision} \({update}\) or later") as refused:
        check(name, os, Servicing(revision - 1))
    assert refused.value.error_code == "host_update_missing"
    assert f"build {build}.{revision - 1}." in refused.value.message
    assert "check_compatibility: false" in refused.value.next_steps[-1]
    (warning,) = check(name, os, NOT_READ)
    assert "is not known" in warning


@pytest.mark.parametrize(
    ("name", "build", "update"),
    [
        ("Windows Server 2019", 9600, "KB4467695"),
        ("Windows Server 2016", 9600, "KB3172614"),
        ("Windows Server 2016", 9600, "KB4467695"),
        ("Windows Server 2016", 9200, "KB3172615"),
        ("Windows Server 2012 R2 for Windows 10", 9600, "KB3172614"),
        ("Windows Server 2012 R2", 9200, "KB3172615"),
        ("Windows Server 2012 R2", 7601, "KB3079821"),
        ("Windows Server 2012", 7601, "KB3079821"),
        ("Windows Server 2008 R2", 6003, "KB968912"),
    ],
)
def test_on_earlier_versions_only_the_number_of_the_update_counts_and_absence_is_a_warning(
    make_os: Systems, name: str, build: int, update: str
) -> None:
    os = make_os(build=build)
    assert not host_matrix.shows_revision(host_matrix.kind_named(name), os)
    assert check(name, os, listed("KB1", update, "File 1")) == ()
    assert check(name, os, listed(f"kb{update[2:]} ")) == ()
    for other in (listed(), listed("File 1"), listed("KB5099999"), listed(update + "0"), NOT_READ):
        (warning,) = check(name, os, other)
        assert f"the KMS host key of {name}" in warning
        assert warning.endswith("Windows decides whether it accepts the key")


def test_an_update_of_dot_net_is_not_the_update_of_a_host_key(make_os: Systems) -> None:
    (warning,) = check("Windows Server 2016", make_os(build=9600), listed("KB5050000"))
    assert "KB3172614 or a later monthly rollup" in warning


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("Windows Server 2025", 14393),
        ("Windows Server 2022", 26100),
        ("Windows Server 2019", 20348),
        ("Windows 10", 20348),
        ("Windows Server 2012 R2 for Windows 10", 14393),
        ("Windows Server 2012 R2", 14393),
    ],
)
def test_a_server_outside_the_ranges_is_refused(make_os: Systems, name: str, build: int) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        check(name, make_os(build=build))
    assert refused.value.error_code == "key_not_supported_on_host"
    assert "check_compatibility: false" in refused.value.next_steps[-1]


@pytest.mark.parametrize(
    ("name", "build", "product_type"),
    [
        ("Windows Server 2008 R2", 20348, ProductType.SERVER),
        ("Windows Server 2012", 9600, ProductType.SERVER),
        ("Windows 8", 9200, ProductType.SERVER),
        ("Windows 10", 26100, ProductType.CLIENT),
        ("Windows 11", 19045, ProductType.CLIENT),
        ("Windows 8.1", 9200, ProductType.CLIENT),
    ],
)
def test_where_nobody_is_sure_windows_decides(make_os: Systems, name: str, build: int, product_type: ProductType) -> None:
    (warning,) = check(name, make_os(build=build, product_type=product_type))
    assert warning.endswith("Windows decides whether it accepts the key")
    assert not host_matrix.shows_revision(host_matrix.kind_named(name), make_os(build=build, product_type=product_type))


def test_office_keys_need_a_windows_that_is_new_enough(make_os: Systems) -> None:
    client = make_os(product_type=ProductType.CLIENT, build=19045)
    assert check("Office LTSC 2024", make_os(build=20348)) == check("Office LTSC 2024", client) == ()
    with pytest.raises(TaskRefusedError):
        check("Office LTSC 2024", make_os(build=17763))
    assert host_matrix.kind_of_id("47f3b983-7c53-4d45-abc6-bcd91e2dd90a") == host_matrix.kind_named("office ltsc 2021")
    assert host_matrix.kind_of_id("11111111-2222-4333-8444-555555555555") is None


def test_the_client_id_that_a_page_prints_for_hosts_is_known_as_such() -> None:
    client = "8d368fc1-9470-4be2-8d66-90e836cbb051"
    assert host_matrix.kind_of_client_id(client) == host_matrix.kind_named("Office LTSC 2024")
    assert host_matrix.kind_of_id(client) is None
    assert host_matrix.kind_of_client_id(None) is None


def test_a_kind_is_found_by_the_name_it_has_at_the_licensing_center_too() -> None:
    kind = host_matrix.kind_named("Windows Srv 2012R2 DataCtr/Std KMS for Windows 10")
    assert kind.name == "Windows Server 2012 R2 for Windows 10"
    with pytest.raises(ValueError, match=r"is not a known product_name\. Did you mean Windows Server .*, or Windows Server .*\?"):
        host_matrix.kind_named("Windows Server 2021")


servicing = st.builds(Servicing, st.none() | st.integers(0, 9999), st.none() | st.frozensets(st.from_regex(r"KB\d{6,7}", fullmatch=True)))


@given(st.sampled_from(host_matrix.names()), st.integers(6000, 30000), st.sampled_from(ProductType), servicing)
def test_whatever_the_machine_is_it_is_warned_of_by_name_or_refused_with_a_way_out(
    name: str, build: int, kind: ProductType, installed: Servicing
) -> None:
    os = OperatingSystem("M", "Windows", "10.0", build, kind, None, datetime(2026, 1, 1, tzinfo=timezone.utc))
    found: list[str] = []
    try:
        found += check(name, os, installed)
    except TaskRefusedError as refusal:
        found += [f"{name}: {step}" for step in refusal.next_steps] or ["no way out"]
    assert all(name in words for words in found)
