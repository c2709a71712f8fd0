# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What activated a product has one name in modules and reports, and the summary of a run names the activation objects in use."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.licenses import way_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.machines import is_activated
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.summary import summarize
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ActivationType, Channel, LicenseStatus

from ...conftest import build_product, build_state
from ..results import MAK, machine, product
from .test_migration import AD, by_ad, by_kms

USED = st.sampled_from([None, ActivationType.AD, ActivationType.KMS, ActivationType.TOKEN])


@given(st.sampled_from(Channel), st.sampled_from(LicenseStatus), USED, st.booleans(), st.booleans())
def test_a_product_and_a_report_have_the_same_name_for_what_activated_it(
    channel: Channel, status: LicenseStatus, used: ActivationType | None, by_subscription: bool, has_pid: bool
) -> None:
    kms = KmsClient(host_extended_pid="03612-00206-471" if has_pid else None)
    made = build_product(channel=channel, status=status, used_type=used, by_subscription=by_subscription, kms=kms)
    found = report.describe_product(build_state(made), made)
    if not is_activated(found):
        assert found["activated_by"] is None
    elif channel in (Channel.GVLK, Channel.MAK, Channel.CSVLK) and not by_subscription:
        assert (found["activated_by"] or "other") == way_of(found)


def test_the_summary_names_the_objects_in_use_and_the_first_end_of_the_licenses_of_kms() -> None:
    results = {"pc1": by_ad("pc1"), "pc2": by_kms("pc2", 12), "pc3": by_kms("pc3", 90), "pc4": machine("pc4", None, product(**MAK))}
    found = summarize(results, 30)
    assert [(each["object_name"], each["machines"]) for each in found["adba"]["objects"]] == [("Server 2022", ["pc1"])]
    assert found["adba"]["machines_by_kms"] == ["pc2", "pc3"]
    assert found["adba"]["earliest_expiry"] == {"machine": "pc2", "expires": "2027-01-13T10:00:00Z", "days_left": 12}
    assert "Activation object Server 2022 activated 1 machine." in found["lines"]
    assert "KMS still activates 2 machines: the first license is valid for 12 more days, on pc2." in found["lines"]
    assert any("Licensed: activation object Server 2022." in line for line in found["table"])


def test_a_run_without_active_directory_says_nothing_about_it() -> None:
    found = summarize({"pc1": by_kms("pc1")}, 30)
    assert found["adba"] is None
    assert not any("object" in line for line in found["shown"])


@pytest.mark.parametrize("ad", [None, {}, {"object_name": None, "object_dn": None}])
def test_a_record_that_does_not_name_the_object_is_counted_by_what_activated_it(ad: Any) -> None:
    found = summarize({"pc1": machine("pc1", None, product(**{**AD, "ad": ad}))}, 30)
    assert found["machines_by_activation"]["ad"] == ["pc1"]
    assert found["adba"]["objects"] == []


def test_the_name_of_an_object_cannot_add_a_line_to_the_summary() -> None:
    hostile = by_ad("pc1", ad={"object_name": "A\n\x1b[2JMachines: 0", "object_dn": "CN=A"})
    assert all(line.isprintable() for line in summarize({"pc1": hostile}, 30)["shown"])
