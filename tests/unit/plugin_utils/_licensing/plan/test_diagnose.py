# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that Windows does not accept has next steps for its kind of key."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.diagnose import explain_install
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

from ...conftest import build_client, build_state

INVALID_KEY = 0xC004F050
OTHER_KEY = ProductKey("MMMMM-KKKKK-MMMMM-22222-44444")


@pytest.mark.parametrize("host_key", [False, True])
def test_a_key_that_is_not_a_gvlk_has_no_next_step_for_kms_clients(*, host_key: bool) -> None:
    steps = explain_install(build_state(build_client()), OTHER_KEY, INVALID_KEY, host_key=host_key).next_steps
    assert steps
    assert not any("kms_client" in step for step in steps)
    assert ("product_name" in steps[0]) is host_key


def test_a_gvlk_is_first_compared_with_the_edition() -> None:
    key = next(entry.key for entry in gvlk.catalog() if entry.key)
    steps = explain_install(build_state(build_client()), key, INVALID_KEY).next_steps
    assert "Compare the edition and the version of the key" in steps[0]
    assert any("kms_client" in step for step in steps)


def test_the_causes_of_c004f035_are_told_apart_for_every_kind_of_key() -> None:
    assert explain_install(build_state(build_client()), OTHER_KEY, 0xC004F035).subcode is not None
