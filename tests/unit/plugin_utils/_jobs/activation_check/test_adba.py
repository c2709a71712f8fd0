# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check finds about Active Directory-based activation: the domain, and whether an activation object covers a machine."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import adba
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import (
    CheckData,
    CheckFinding,
    CheckSettings,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.ad.objects import KnownObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import host_matrix
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationType,
    AdActivation,
    Application,
    Channel,
    LicenseStatus,
    ProductType,
)

from ...conftest import build_client, build_office, build_product, build_state

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
CONTAINER = "CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration"
AD = ActivationType.AD
KMS = ActivationType.KMS
NO_OBJECT = 0xC004F081
SERVER_2025 = {"build": 26100, "version": "10.0.26100"}
WINDOWS_11 = {"build": 22631, "version": "10.0.22631", "product_type": ProductType.CLIENT}


def known(product: str | None, name: str = "", forest: str = "DC=corp,DC=example") -> KnownObject:
    name = name or str(product)
    return KnownObject(name, f"CN={name},{CONTAINER},{forest}", product)


def by_ad(root: str = "DC=corp,DC=example", **changes: Any) -> dict[str, Any]:
    return {"used_type": AD, "ad": AdActivation("Server 2022", f"CN=Server 2022,{CONTAINER},{root}", None, None), **changes}


def ids(
    client: dict[str, Any],
    *objects: KnownObject,
    given: bool = True,
    domain: str | None = "corp.example",
    in_domain: bool | None = True,
    **os: Any,
) -> list[str]:
    return [finding.id for finding in found(client, *objects, given=given, domain=domain, in_domain=in_domain, **os)]


def found(
    client: dict[str, Any],
    *objects: KnownObject,
    given: bool = True,
    domain: str | None = "corp.example",
    in_domain: bool | None = True,
    **os: Any,
) -> tuple[CheckFinding, ...]:
    product = build_client(**{"partial_product_key": "QQQQQ", **client})  # not in the table of GVLKs, so its edition is no finding
    data = CheckData(build_state(product, **os), NOW, domain=domain if in_domain else None, in_domain=in_domain)
    return check.findings(data, CheckSettings(renewal=False, activation_objects=objects if given else None))


def test_a_machine_that_only_allows_active_directory_is_named_if_no_object_covers_it() -> None:
    client = {"allowed_type": AD, "used_type": AD}
    assert ids(client, known("Windows Server 2022")) == ["activated_by_ad"]
    assert ids(client) == ["no_object_covers", "activated_by_ad"]
    assert ids({"allowed_type": AD, "status": LicenseStatus.NOTIFICATION, "grace_minutes": 0}) == ["not_licensed", "no_object_covers"]


def test_without_the_objects_nothing_is_said_about_them() -> None:
    assert ids({"allowed_type": AD, "used_type": AD}, given=False) == ["activated_by_ad"]
    assert ids({"used_type": KMS, "allowed_type": ActivationType.ALL}, given=False) == []


def test_a_forest_whose_newest_object_is_for_server_2022_names_a_server_2025_with_the_key_that_it_requires() -> None:
    objects = (known("Windows Server 2016"), known("Windows Server 2022", "Servers"), known("Office LTSC 2024"))
    (finding,) = found({"allowed_type": ActivationType.ALL, "used_type": KMS}, *objects, **SERVER_2025)
    assert finding.id == "object_too_old"
    assert "the newest, Servers, is for Windows Server 2022" in finding.message
    assert "(CSVLK) of Windows Server 2025 or of a later version" in finding.message
    assert "adba_object" in finding.next_steps[0]
    assert ids({"allowed_type": AD, "used_type": AD}, *objects, **SERVER_2025) == ["no_object_covers", "object_too_old", "activated_by_ad"]


@pytest.mark.parametrize("allowed", [KMS, ActivationType.TOKEN])
def test_a_machine_that_must_not_use_active_directory_needs_no_object(allowed: ActivationType) -> None:
    assert ids({"allowed_type": allowed, "used_type": allowed}, known("Windows Server 2012"), **SERVER_2025) == []


def test_objects_of_another_application_only_are_not_too_old() -> None:
    assert ids({"used_type": KMS}, known("Office 2016")) == []
    assert ids({"allowed_type": AD, "used_type": AD}, known("Office 2016")) == ["no_object_covers", "activated_by_ad"]


def test_an_object_whose_key_is_not_known_is_no_reason_for_a_finding_unless_windows_found_no_object_itself() -> None:
    client = {"allowed_type": AD, "status": LicenseStatus.NOTIFICATION, "grace_minutes": 0}
    assert ids(client, known(None, "unknown")) == ["not_licensed"]
    failed = found({**client, "reason": NO_OBJECT}, known(None, "unknown"))
    assert [each.id for each in failed] == ["not_licensed", "no_object_covers"]
    assert "it is not known what the activation objects cover" in failed[1].message
    assert ids({**client, "reason": NO_OBJECT}, known(None, "unknown"), known("Windows Server 2022")) == ["not_licensed"]


def test_a_machine_that_windows_found_no_object_for_is_named_whatever_it_allows() -> None:
    client = {"allowed_type": ActivationType.ALL, "status": LicenseStatus.NOTIFICATION, "grace_minutes": 0, "reason": NO_OBJECT}
    finding = next(each for each in found(client) if each.id == "no_object_covers")
    assert "0xC004F081" in finding.message
    assert "there is no activation object" in finding.message


@pytest.mark.parametrize(("allowed", "expected"), [(ActivationType.ALL, True), (AD, True), (KMS, False), (ActivationType.TOKEN, False)])
def test_a_machine_that_a_kms_host_activated_although_an_object_covers_it_has_its_days_left_named(
    allowed: ActivationType, expected: bool
) -> None:
    client = {"used_type": KMS, "allowed_type": allowed, "grace_minutes": 42 * 1440 + 5}
    made = found(client, known("Windows Server 2016"), known("Windows Server 2022", "Servers"))
    assert [each.id for each in made] == (["activated_by_kms_although_ad"] if expected else [])
    if expected:
        assert "the activation object Servers covers it. It is licensed for 42 more days." in made[0].message


def test_outside_a_domain_no_object_is_expected_to_be_used() -> None:
    assert ids({"used_type": KMS, "allowed_type": ActivationType.ALL}, known("Windows Server 2022"), in_domain=False) == []
    assert ids({"used_type": KMS, "allowed_type": ActivationType.ALL}, known("Windows Server 2016"), in_domain=False) == []


def test_a_machine_that_active_directory_activated_and_that_is_in_no_domain_has_left_it() -> None:
    made = found(by_ad(), given=False, in_domain=False)
    assert [each.id for each in made] == ["left_the_domain", "activated_by_ad"]
    assert "valid until 2027-05-19T09:30:00Z at the latest" in made[0].message
    assert ids({"allowed_type": AD, "used_type": None}, given=False, in_domain=False) == ["left_the_domain"]
    assert ids(by_ad(), given=False, in_domain=None) == ["activated_by_ad"]


def test_a_machine_is_only_in_another_forest_if_the_objects_show_which_one_it_is() -> None:
    other = known("Windows Server 2022", forest="DC=other,DC=example")
    assert ids(by_ad(), other, domain="sales.other.example") == ["left_the_domain", "activated_by_ad"]
    assert ids(by_ad(), domain="sales.corp.example", given=False) == ["activated_by_ad"]
    (unknown,) = found(by_ad(), given=False, domain="other.example")
    assert "does not know whether the domain other.example is in this forest" in unknown.message


def test_the_finding_about_active_directory_names_the_object_and_its_dn() -> None:
    (finding,) = found(by_ad(), given=False)
    assert finding.message.startswith(f"The activation object Server 2022 (CN=Server 2022,{CONTAINER},DC=corp,DC=example) activated ")


def test_objects_of_another_forest_do_not_cover_a_machine() -> None:
    objects = (known("Windows Server 2025", forest="DC=other,DC=example"), known("Windows Server 2019"))
    assert ids({"used_type": KMS}, *objects) == ["object_too_old"]
    assert ids({"used_type": ActivationType.TOKEN}, *objects) == []
    assert ids({"used_type": KMS}, *objects, domain="child.other.example") == ["activated_by_kms_although_ad"]
    assert ids({"used_type": KMS}, *objects, domain="tree.example") == ["activated_by_kms_although_ad"]


def test_versions_that_active_directory_does_not_activate_have_no_finding_about_it() -> None:
    assert ids({"used_type": None}, known("Windows Server 2022"), build=7601, version="6.1.7601") == []


def test_a_client_edition_can_be_covered_by_a_key_for_clients_and_a_server_cannot() -> None:
    client = {"used_type": KMS, "allowed_type": ActivationType.ALL}
    assert ids(client, known("Windows 11"), **WINDOWS_11) == ["activated_by_kms_although_ad"]
    assert "object_too_old" in ids(client, known("Windows 10"))


def test_office_needs_an_object_of_its_own_release_or_a_later_one() -> None:
    office = build_office("Office21ProPlus2021VL_KMS_Client_AE", used_type=KMS, kms=KmsClient(host_extended_pid="x"))
    state = build_state(build_client(used_type=KMS), office)
    state = type(state)(state.os, state.service, state.products, frozenset(Application))
    data = CheckData(state, NOW, domain="corp.example", in_domain=True)
    objects = (known("Windows Server 2022"), known("Office 2019"))
    made = check.findings(data, CheckSettings(renewal=False, activation_objects=objects))
    assert [(each.id, each.product_name) for each in made] == [
        ("object_too_old", office.name),
        ("activated_by_kms_although_ad", state.products[0].name),
    ]
    assert "Office LTSC 2021" in made[0].message
    rows = adba.coverage(data, CheckSettings(activation_objects=objects)) or []
    assert [(row["product_name"], row["covered"], [each["object_name"] for each in row["objects"]]) for row in rows] == [
        (state.products[0].name, True, ["Windows Server 2022"]),
        (office.name, False, []),
    ]


def test_the_coverage_is_not_known_without_the_objects_and_empty_without_a_gvlk() -> None:
    data = CheckData(build_state(build_product()), NOW)
    assert adba.coverage(data, CheckSettings()) is None
    assert adba.coverage(data, CheckSettings(activation_objects=())) == []


def test_the_domain_is_only_read_where_a_rule_depends_on_it() -> None:
    def needed(*products: Any, objects: tuple[KnownObject, ...] | None = None) -> bool:
        return adba.needs_domain(CheckData(build_state(*products), NOW), CheckSettings(activation_objects=objects))

    assert not needed(build_client())
    assert not needed(build_product(), objects=())
    assert needed(build_client(), objects=())
    assert needed(build_client(used_type=AD))
    assert needed(build_client(allowed_type=AD))


products = st.sampled_from([*host_matrix.names(), None])


@given(
    st.lists(products, max_size=5),
    st.sampled_from(ActivationType),
    st.sampled_from([None, AD, KMS, ActivationType.TOKEN]),
    st.sampled_from(LicenseStatus),
    st.sampled_from([{}, SERVER_2025, WINDOWS_11, {"build": 9200}, {"build": 99999}, {"build": 7601}]),
    st.sampled_from([True, False, None]),
    st.sampled_from([Channel.GVLK, Channel.MAK]),
    st.sampled_from([None, NO_OBJECT, 0xC004F074]),
)
def test_what_is_said_of_objects_never_contradicts_itself(
    names: list[str | None],
    allowed: ActivationType,
    used: ActivationType | None,
    status: LicenseStatus,
    os: dict[str, Any],
    in_domain: bool | None,
    channel: Channel,
    reason: int | None,
) -> None:
    client = {"allowed_type": allowed, "used_type": used, "status": status, "channel": channel, "reason": reason}
    made = {each.id: each for each in found(client, *map(known, names), in_domain=in_domain, **os)}
    about_objects = {"no_object_covers", "object_too_old", "activated_by_kms_although_ad"} & set(made)
    assert "activated_by_kms_although_ad" not in about_objects or len(about_objects) == 1
    assert not about_objects or (in_domain is not False and channel is Channel.GVLK)
    assert "object_too_old" not in made or names
    assert "left_the_domain" not in made or in_domain is False
    assert all(each.next_steps and each.message.endswith(".") for each in made.values())


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        ({"in_domain": True, "domain": "corp.example"}, {"is_member": True, "domain": "corp.example"}),
        ({"in_domain": False, "domain": None}, {"is_member": False, "domain": None}),
        ({}, None),
    ],
)
def test_the_domain_is_a_result_if_it_was_read(read: dict[str, Any], shown: Any) -> None:
    assert adba.membership(CheckData(build_state(build_client()), NOW, **read)) == shown
