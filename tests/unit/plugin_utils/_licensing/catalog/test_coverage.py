# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a KMS host key activates, by the table that Microsoft publishes; what the table does not say is not known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import coverage, gvlk, host_matrix
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    Application,
    OperatingSystem,
    ProductType,
)

Systems = Callable[..., OperatingSystem]

SERVERS = {"2008": 6003, "2008 R2": 7601, "2012": 9200, "2012 R2": 9600, "2016": 14393, "2019": 17763, "2022": 20348, "2025": 26100}
SERVER_KEYS = [f"Windows Server {name}" for name in ("2012", "2012 R2", "2016", "2019", "2022", "2025")]
WINDOWS_KEYS = [name for name in host_matrix.names() if host_matrix.kind_named(name).application is Application.WINDOWS]
OFFICE_KEYS = [name for name in host_matrix.names() if name not in WINDOWS_KEYS]


def server(make_os: Systems, build: int) -> OperatingSystem:
    return make_os(build=build, edition_id="ServerStandard")


def client(make_os: Systems, build: int, edition_id: str | None = "Enterprise") -> OperatingSystem:
    return make_os(build=build, product_type=ProductType.CLIENT, edition_id=edition_id)


def test_a_key_of_a_server_activates_its_generation_and_all_older_ones_and_no_newer_one(make_os: Systems) -> None:
    builds = list(SERVERS.values())
    for key in SERVER_KEYS:
        own = builds.index(SERVERS[key.removeprefix("Windows Server ")])
        answers = [coverage.covers(key, server(make_os, build)) for build in builds]
        assert answers == [index <= own for index in range(len(builds))], key


@pytest.mark.parametrize("build", SERVERS.values())
def test_a_key_of_clients_and_a_key_of_office_activate_no_server(make_os: Systems, build: int) -> None:
    for key in ("Windows 11", "Windows 10", "Windows 8.1", "Windows 8", "Windows 7", *OFFICE_KEYS):
        assert coverage.covers(key, server(make_os, build)) is False, key


@pytest.mark.parametrize(
    ("key", "build", "edition", "expected"),
    [
        ("Windows Server 2025", 26100, "Enterprise", True),
        ("Windows Server 2025", 26100, "EnterpriseS", True),
        ("Windows Server 2022", 26100, "Enterprise", True),
        ("Windows Server 2022", 26100, "EnterpriseS", False),
        ("Windows Server 2022", 26100, None, None),
        ("Windows Server 2022", 19044, "EnterpriseS", True),
        ("Windows Server 2019", 22631, "Enterprise", None),
        ("Windows Server 2019", 19044, "EnterpriseS", None),
        ("Windows Server 2019", 17763, "EnterpriseS", True),
        ("Windows Server 2019", 19045, "Professional", True),
        ("Windows Server 2016", 17763, "EnterpriseS", False),
        ("Windows Server 2016", 14393, "EnterpriseS", True),
        ("Windows Server 2016", 17763, "Enterprise", True),
        ("Windows Server 2012 R2 for Windows 10", 19045, "Enterprise", True),
        ("Windows Server 2012 R2", 19045, "Enterprise", False),
        ("Windows Server 2012 R2", 9600, "Professional", True),
        ("Windows 10", 19045, "Enterprise", True),
        ("Windows 10", 22631, "Enterprise", None),
        ("Windows 10", 9600, "Enterprise", True),
        ("Windows 11", 22631, "Enterprise", True),
        ("Windows 11", 26100, "EnterpriseS", None),
        ("Windows 8.1", 19045, "Enterprise", False),
    ],
)
def test_clients_by_edition_and_build(make_os: Systems, key: str, build: int, edition: str | None, expected: bool | None) -> None:
    assert coverage.covers(key, client(make_os, build, edition)) is expected


def test_what_is_not_published_is_not_known(make_os: Systems) -> None:
    assert coverage.covers(None, server(make_os, 20348)) is None
    assert coverage.covers("Windows Server 2031", server(make_os, 20348)) is None
    assert coverage.covers("Windows Server 2025", server(make_os, 30000)) is None
    assert coverage.covers("Windows Server 2008 R2", server(make_os, 7601)) is None  # the groups A, B, and C are different keys


def test_the_label_of_a_key_is_accepted_as_its_name(make_os: Systems) -> None:
    label = host_matrix.kind_named("Windows Server 2012 R2 for Windows 10").label
    assert coverage.covers(label, client(make_os, 19045)) is True
    assert coverage.covers("windows  server 2022", server(make_os, 20348)) is True


def test_every_key_of_windows_has_a_row_and_activates_the_version_that_it_is_named_after(make_os: Systems) -> None:
    own = {f"Windows Server {name}": server(make_os, build) for name, build in SERVERS.items()}
    own |= {
        f"Windows {name}": client(make_os, build) for name, build in (("7", 7601), ("8", 9200), ("8.1", 9600), ("10", 19045), ("11", 26100))
    }
    own["Windows Server 2012 R2 for Windows 10"] = own["Windows Server 2012 R2"]
    unclear = {"Windows Server 2008 R2"}
    assert {key for key in WINDOWS_KEYS if coverage.covers(key, own[key]) is not True} == unclear


def test_every_windows_with_a_gvlk_has_a_row(make_os: Systems) -> None:
    """A key of the newest server gives an answer for each published GVLK, apart from Windows Vista, which its page no longer lists."""
    missing = {
        (entry.product, entry.build_min)
        for entry in gvlk.catalog()
        if entry.application is Application.WINDOWS and entry.build_min > 6003
        for os in [make_os(build=entry.build_min, product_type=ProductType.SERVER if entry.is_server else ProductType.CLIENT)]
        if coverage.covers("Windows Server 2025", os) is None
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("key", "release", "expected"),
    [
        ("Office LTSC 2024", "2024", True),
        ("Office LTSC 2024", "2016", True),
        ("Office LTSC 2021", "2024", False),
        ("Office 2016", "2019", False),
        ("Office 2013", "2010", False),
        ("Office 2010", "2010", True),
        ("Office 2010", "2013", False),
        ("Windows Server 2025", "2024", False),
        ("Office LTSC 2024", None, None),
        ("Office LTSC 2024", "365", None),
        (None, "2024", None),
    ],
)
def test_a_key_of_office_activates_its_release_and_older_ones(key: str | None, release: str | None, expected: bool | None) -> None:
    assert coverage.covers_office(key, release) is expected


@pytest.mark.parametrize(("build", "expected"), [(6003, False), (7601, False), (9200, True), (26100, True)])
def test_active_directory_activates_windows_8_and_later(make_os: Systems, build: int, expected: bool) -> None:
    assert coverage.supports_ad_activation(make_os(build=build)) is expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Windows(R) Operating System, VOLUME_KMS_WS25 channel", "Windows Server 2025"),
        ("Windows(R) Operating System, VOLUME_KMS_WS22 channel", "Windows Server 2022"),
        ("Windows(R) Operating System, VOLUME_KMS_2012-R2_WIN10 channel", "Windows Server 2012 R2 for Windows 10"),
        ("Windows(R) Operating System, VOLUME_KMS_2012-R2 channel", "Windows Server 2012 R2"),
        ("Windows(R) Operating System, VOLUME_KMS_W10 channel", "Windows 10"),
        ("Windows Operating System - Windows Server(R), VOLUME_KMS_R2_C channel", "Windows Server 2008 R2"),
        ("Windows Operating System - Windows(R) 7, VOLUME_KMS channel", "Windows 7"),
        ("Windows(R) Operating System, VOLUME_KMS_WS31 channel", None),
        ("Windows(R) Operating System, VOLUME_KMSCLIENT channel", None),
        ("Windows(R) Operating System, VOLUME_MAK channel", None),
        ("", None),
    ],
)
def test_the_channel_names_the_product_of_a_windows_key(description: str, expected: str | None) -> None:
    assert coverage.product_of_license(description) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Office 14, OfficeKMS_KMS_Host edition", "Office 2010"),
        ("Office 15, OfficeKMSHostVL_KMS_Host edition", "Office 2013"),
        ("Office 16, OfficeKMSHostVL_KMS_Host edition", "Office 2016"),
        ("Office 19, Office19KMSHost2019VL_KMS_Host_AE edition", "Office 2019"),
        ("Office 21, Office21KMSHost2021VL_KMS_Host_AE edition", "Office LTSC 2021"),
        ("Office 24, Office24KMSHost2024VL_KMS_Host_AE edition", "Office LTSC 2024"),
        ("Office 29, Office29KMSHost2029VL_KMS_Host_AE edition", None),
    ],
)
def test_the_name_names_the_release_of_an_office_key(name: str, expected: str | None) -> None:
    prefix = name.partition(",")[0]
    assert coverage.product_of_license(f"{prefix}, VOLUME_KMS channel", name) == expected


def test_a_published_id_of_office_is_stronger_than_the_name() -> None:
    found = coverage.product_of_license("Office 16, VOLUME_KMS channel", "Office 16, x", "47f3b983-7c53-4d45-abc6-bcd91e2dd90a")
    assert found == "Office LTSC 2021"


def test_ids_are_compared_without_case_and_learned_ones_do_not_replace_published_ones() -> None:
    learned = {"AAAAAAAA-0000-4000-8000-000000000022": "Windows Server 2022", "47F3B983-7C53-4D45-ABC6-BCD91E2DD90A": "Office 2016"}
    assert coverage.product_of_id("aaaaaaaa-0000-4000-8000-000000000022", learned) == "Windows Server 2022"
    assert coverage.product_of_id("47F3B983-7c53-4d45-abc6-bcd91e2dd90a", learned) == "Office LTSC 2021"
    assert coverage.product_of_id("aaaaaaaa-0000-4000-8000-000000000022") is None
    assert coverage.product_of_id(None, learned) is None


def test_the_channels_that_were_seen_in_public_outputs_are_not_marked_as_inferred() -> None:
    assert {"WS22", "2012-R2_WIN10", "W10", "R2_C"}.isdisjoint(coverage.inferred_channels())
    assert {"WS16", "WS19", "WS25"} <= coverage.inferred_channels()
