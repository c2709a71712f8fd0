# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of activation_check promises is what the code finds and returns."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timezone

import yaml

from ansible_collections.winops.volume_activation.plugins.modules import activation_check, activation_policy
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.reading import check as _checking
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import model as check_model
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office import report as office_report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import model

from .documented_modules import activated_state, assert_documented, documented, options_of


def test_activation_check_documents_exactly_what_it_returns_beside_the_state() -> None:
    state = dataclasses.replace(activated_state(), products=())
    data = check_model.CheckData(state, datetime.now(timezone.utc))
    result = _checking.result_of(data, check_model.CheckSettings(fail_on=frozenset({"error"})), "host")
    returned = yaml.safe_load(activation_check.RETURN)
    assert set(result) - {"changed", "failed"} == set(returned)
    assert set(office_report.describe_with_office(state, data.office)) < set(returned)
    for part in ("findings", "error"):
        assert_documented(result[part], returned[part]["contains"], part)


def test_every_finding_is_documented_with_its_severity() -> None:
    words = [str(line) for line in documented(activation_check, "findings")["id"]["description"]]
    told = {severity: set(re.findall(r"V\((\w+)\)", line)) for severity, line in zip(check_model.Severity, words[1:], strict=True)}
    assert told == {
        severity: {name for name, weight in check_model.FINDINGS.items() if weight is severity} for severity in check_model.Severity
    }
    assert set(options_of(activation_check)["expected_channels"]["choices"]) == {channel.value for channel in model.Channel} - {"unknown"}


def test_the_policies_a_check_asks_for_are_those_that_can_be_set() -> None:
    asked, set_by = options_of(activation_check)["policy"]["suboptions"], options_of(activation_policy)
    assert set(asked) == set(set_by)
    for name, option in asked.items():
        assert {key: option.get(key) for key in ("type", "choices", "default")} == {
            key: set_by[name].get(key) for key in ("type", "choices", "default")
        }
