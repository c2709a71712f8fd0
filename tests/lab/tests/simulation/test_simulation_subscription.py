# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscription activation as the lab shows it: the documented fields, and what a new key does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from winlab.simulation.estate import Estate

MACHINES = """
    clock: {start: 2026-11-20T09:00:00Z}
    dns: none
    machines:
      - {name: fine, address: 127.99.0.1, os: Windows 11 Enterprise, state: subscription}
      - {name: odd, address: 127.99.0.2, os: Windows 11 Enterprise, state: subscription_notification}
      - {name: none, address: 127.99.0.3, os: Windows 11 Enterprise, state: retail}
"""


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(MACHINES)


def test_the_service_shows_the_subscription_and_the_product_a_retail_key(estate: Estate, remote: Any) -> None:
    fine, odd = remote(estate, "fine"), remote(estate, "odd")
    for machine, status, reason in ((fine, 1, 0), (odd, 5, 0xC004F034)):
        service, product = machine.service(), machine.product()
        assert (service["SubscriptionStatus"], service["SubscriptionType"]) == (1, 0)
        assert service["SubscriptionEdition"] == "Windows 11 Enterprise"
        assert service["SubscriptionExpiry"].isoformat().startswith("2026-12-20T09:00:00")
        assert (product["LicenseStatus"], product["LicenseStatusReason"]) == (status, reason)
        assert "RETAIL" in product["Description"]


def test_a_machine_without_one_shows_zeros(estate: Estate, remote: Any) -> None:
    service = remote(estate, "none").service()
    assert (service["SubscriptionStatus"], service["SubscriptionEdition"]) == (0, None)


def test_a_new_key_of_windows_ends_the_subscription(estate: Estate, remote: Any, gvlk: Any) -> None:
    machine = remote(estate, "fine")
    machine.on_service("InstallProductKey", ProductKey=gvlk["Windows 10 Enterprise"])
    assert machine.service()["SubscriptionStatus"] == 0


@pytest.mark.parametrize("os", ["Windows 11 Pro", "Server 2022 Standard"])
def test_only_client_enterprise_editions_have_one(estate_of: Callable[[str], Estate], os: str) -> None:
    with pytest.raises(ValueError, match="no subscription raises Windows to"):
        estate_of(MACHINES.replace("os: Windows 11 Enterprise, state: subscription}", f"os: {os}, state: subscription}}"))
