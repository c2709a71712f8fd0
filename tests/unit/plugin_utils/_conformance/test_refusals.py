# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit changes only a machine that it can restore: a KMS client with a published key and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.changing.refusals import (
    refuse_other_computer,
    refuse_unfit,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationType,
    Application,
    Channel,
    KmsHost,
)

from ..conftest import build_client, build_product, build_state

CLIENT = build_client()


def test_a_kms_client_with_a_published_key_can_be_changed() -> None:
    office = build_client(application=Application.OFFICE, activation_id="b" * 8 + "-0000-0000-0000-000000000000")
    assert refuse_unfit(build_state(CLIENT), [office]) is CLIENT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": Channel.MAK}, "key_not_restorable"),
        ({"channel": Channel.RETAIL}, "key_not_restorable"),
        ({"channel": Channel.OEM}, "key_not_restorable"),
        ({"channel": Channel.UNKNOWN}, "key_not_restorable"),
        ({"channel": Channel.CSVLK}, "is_kms_host"),
        ({"kms_host": KmsHost(enabled=True)}, "is_kms_host"),
        ({"channel": Channel.EVALUATION}, "evaluation_edition"),
        ({"family": "EnterpriseEval"}, "evaluation_edition"),
        ({"by_subscription": True}, "subscription_active"),
        ({"is_addon": True}, "has_addon"),
        ({"partial_product_key": "22222"}, "not_a_gvlk"),
        ({"allowed_type": ActivationType.TOKEN}, "kms_not_allowed"),
        ({"allowed_type": ActivationType.AD}, "kms_not_allowed"),
    ],
)
def test_another_license_of_windows_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        refuse_unfit(build_state(replace(CLIENT, **changes)), [])
    assert refused.value.explain().as_dict()["code"] == code


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (build_product(application=Application.OFFICE, channel=Channel.MAK), "key_not_restorable"),
        (build_product(is_addon=True, channel=Channel.MAK), "has_addon"),
        (build_product(application=Application.OFFICE, channel=Channel.CSVLK), "is_kms_host"),
    ],
)
def test_another_key_beside_that_of_windows_is_refused_in_either_service(other: Any, code: str) -> None:
    for state, others in ((build_state(CLIENT, other), []), (build_state(CLIENT), [other])):
        with pytest.raises(TaskRefusedError) as refused:
            refuse_unfit(state, others)
        assert refused.value.explain().as_dict()["code"] == code


def test_a_machine_without_a_key_is_refused() -> None:
    with pytest.raises(TaskRefusedError, match="does not have a Windows product key"):
        refuse_unfit(build_state(), [])


@pytest.mark.parametrize("named", [("PC01",), ("pc01", "PC02")])
def test_a_computer_is_named_in_any_case(named: tuple[str, ...]) -> None:
    refuse_other_computer("Pc01", named)


def test_a_part_of_a_name_is_not_a_name() -> None:
    with pytest.raises(TaskRefusedError, match="computer_names has PC0, \\*"):
        refuse_other_computer("PC01", ("PC0", "*"))
