# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step is done when what it was written to shows the value, and not when another product does."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.setting_steps import set_activation_type
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ActivationType, LicenseStatus

from ...conftest import build_client, build_state

PRIMARY = replace(build_client(), allowed_type=ActivationType.KMS)
OTHER = replace(
    build_client(),
    activation_id="2de67392-b7a7-462a-b1ca-108dd189f588",
    status=LicenseStatus.NOTIFICATION,
    allowed_type=ActivationType.AD,
)
STATE = replace(build_state(PRIMARY), products=(PRIMARY, OTHER))


def test_the_activation_type_of_a_product_is_read_from_this_product() -> None:
    assert STATE.primary == PRIMARY
    assert not set_activation_type(OTHER.path, ActivationType.KMS).is_applied(STATE)
    assert set_activation_type(OTHER.path, ActivationType.AD).is_applied(STATE)


def test_the_activation_type_of_the_machine_is_read_from_the_primary_product() -> None:
    assert set_activation_type(STATE.service.path, ActivationType.KMS).is_applied(STATE)
    assert not set_activation_type(STATE.service.path, ActivationType.AD).is_applied(STATE)
