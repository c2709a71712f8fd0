# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office, Microsoft 365, and machines without a license: a task for each machine and one task for all have the same summary."""

from __future__ import annotations

import pytest

from .harness import Lab
from .test_fleet_engines import lasting, run

ESTATE = "office_fleet.yml"
OF_ITS_TIME = ("grace_minutes", "expires", "kms_expires", "license_expires", "days_left")


@pytest.mark.parametrize("application", ["windows", "office", "all"])
def test_both_engines_have_the_same_summary_and_the_same_findings(lab: Lab, application: str) -> None:
    settings = {"activation_check_application": application, "activation_check_fail_on": ["error", "warning"]}
    _done, summary, records = run(lab, "tasks", **settings)
    _done, of_fleet, fleet_records = run(lab, "fleet", **settings)
    assert of_fleet == summary
    for name, result in records.items():
        mine, own = lasting(fleet_records[name]), lasting(result)
        assert [key for key in {*mine, *own} - {"products", "activation"} if mine.get(key) != own.get(key)] == []
        assert [sorted(product) for product in mine["products"]] == [sorted(product) for product in own["products"]]
        for product, of_task in zip(mine["products"], own["products"], strict=True):
            assert [key for key in product if product[key] != of_task[key] and key not in OF_ITS_TIME] == []
