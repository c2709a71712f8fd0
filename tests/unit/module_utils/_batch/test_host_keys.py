# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of a KMS host key is named before anything is requested."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.confirm import INVALID, plan
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.host_keys import HOST_KEYS
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.records import requests_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import host_matrix

from .test_confirm import record


def test_the_ids_are_those_of_the_catalog_of_kms_host_keys() -> None:
    assert {host_matrix.kind_named(name).activation_id for name in host_matrix.names()} - {None} == HOST_KEYS


@pytest.mark.parametrize("spelled", ["{}", "{{{}}}"])
@pytest.mark.parametrize("identity", sorted(HOST_KEYS))
def test_a_record_of_a_kms_host_key_is_not_requested(identity: str, spelled: str) -> None:
    host = record(1, activation_id=spelled.format(identity.upper()))
    planned = plan(requests_of([host, record(2)]), {}, ask_again=False)
    assert [question.installation_id for question in planned.questions] == [record(2)["installation_id"]]
    error = planned.known[0].error
    assert (planned.known[0].status, error and error.error_code) == (INVALID, "kms_host_key")
    assert error is not None
    assert "with activation_method: online or telephone" in error.explain().next_steps[0]


def test_a_confirmation_id_of_a_kms_host_key_is_kept() -> None:
    kept = record(1, activation_id=min(HOST_KEYS), confirmation_id="1" * 48)
    assert plan(requests_of([kept]), {}, ask_again=False).known[0].confirmation_id == "1" * 48
