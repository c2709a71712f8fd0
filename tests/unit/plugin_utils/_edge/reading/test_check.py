# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message of a check that did not fail."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.reading import check as activation_check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import CheckFinding, CheckSettings


@pytest.mark.parametrize(
    ("ids", "fail_on", "text"),
    [
        ((), ("error",), "no findings"),
        (("clock_skew",), (), "1 error (not in fail_on: empty)"),
        (("clock_skew", "not_licensed", "evaluation"), ("no_product_key",), "2 errors, 1 warning (not in fail_on: no_product_key)"),
        (("activated_by_ad", "awaiting_validation"), ("error", "warning"), "2 info (not in fail_on: error, warning)"),
    ],
)
def test_findings_that_do_not_fail_are_counted_by_severity(ids: Sequence[str], fail_on: Sequence[str], text: str) -> None:
    found = [CheckFinding(name, "A message.", ("A step.",)) for name in ids]
    assert activation_check.summary_of(found, CheckSettings(fail_on=frozenset(fail_on))) == text
