# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task has spent, by the steps that it did: no activation that was done is left out, whatever step did it."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import (
    ACTIVATE,
    ACTIVATE_AGAIN,
    StepResult,
)

MAK = "1 activation of the MAK ending in 66666"


@pytest.mark.parametrize("action", [ACTIVATE, ACTIVATE_AGAIN])
@pytest.mark.parametrize(("consumes", "done", "spent"), [(MAK, True, 1), (MAK, False, 0), (None, True, 0)])
def test_an_activation_that_was_done_and_spends_is_counted(action: str, consumes: str | None, done: bool, spent: int) -> None:
    account = Account()
    account.expect([StepResult("install_product_key", "install a key", None, True), StepResult(action, "activate", consumes, done)])
    assert account.activations_used == spent


@pytest.mark.parametrize(("done", "uncertain", "warning"), [(True, False, "lost"), (False, True, "might have lost"), (False, False, None)])
def test_whatever_ends_a_task_an_activation_that_is_lost_or_may_be_is_named(done: bool, uncertain: bool, warning: str | None) -> None:
    account, lost = Account(), "the activation of Windows with the MAK ending in 66666"
    account.expect([StepResult("install_product_key", "install a key", None, done, lost, uncertain=uncertain)])
    assert account.losses() == ((f"This task {warning} {lost}.",) if warning else ())


@pytest.mark.parametrize(
    ("first", "second", "is_told"),
    [((False, False), (False, False), False), ((True, False), (False, False), True), ((False, True), (False, False), True),
     ((True, False), (False, True), True), ((True, False), (True, False), False)],
)  # fmt: skip
def test_what_is_left_of_steps_that_another_run_does_not_do_is_told_once(
    first: tuple[bool, bool], second: tuple[bool, bool], is_told: bool
) -> None:
    account, advice = Account(), "not all files were installed. Set reinstall"
    account.expect(
        StepResult("install_license_file", "install", None, done, uncertain=uncertain, resume=advice) for done, uncertain in (first, second)
    )
    assert account.resumption() == ((advice,) if is_told else ())
    assert "resume" not in account.as_dict()["steps"][0]
