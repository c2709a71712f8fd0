# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of its delete, whatever ends it."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.model import ActivationObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.removal import NotDeletedError, OutcomeUnknownError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.directory.removing import Deletion
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError


class TaskTimeout(BaseException):
    """What Ansible raises in a task after its timeout."""


@pytest.mark.parametrize(
    ("end", "is_uncertain"),
    [
        (OutcomeUnknownError("lost"), True),
        (TaskTimeout(), True),
        (RuntimeError(), True),
        (NotDeletedError("still there"), False),
        (DirectoryError("directory_not_authorized"), False),
    ],
)
def test_a_delete_is_uncertain_unless_its_outcome_is_known(end: BaseException, is_uncertain: bool) -> None:
    deletion = Deletion(is_check=False)
    deletion.plan(ActivationObject("CN=Old", "1", "Old"))
    with pytest.raises(type(end)), deletion:
        raise end
    assert deletion.is_uncertain is is_uncertain
    assert [(step["done"], step["uncertain"]) for step in deletion.steps()] == [(False, is_uncertain)]
