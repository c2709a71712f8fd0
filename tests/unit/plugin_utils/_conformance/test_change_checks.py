# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine that was changed says about an assumption: each check can hold, fail, and see nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.changing.seeing import ActivationSeen, KeySeen
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.checks import changes
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.model import Answers, KitAnswer, Verdict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import LicensedProduct, LicenseStatus

from ..conftest import build_client

HOLDS, FAILS, UNSEEN = Verdict.HOLDS, Verdict.DOES_NOT_HOLD, Verdict.NOT_VISIBLE
CHECKS = (
    changes.method_failures_have_codes,
    changes.late_activation_continues,
    changes.one_refresh_is_sufficient,
    changes.new_key_has_no_status,
    changes.method_has_the_usual_spelling,
)


def answers(**found: KitAnswer) -> Answers:
    return Answers({name: replace(answer, name=name) for name, answer in found.items()})


def answer(value: Any = None, code: int | None = None, error: str | None = None) -> KitAnswer:
    return KitAnswer("", value, code, error)


def product(status: LicenseStatus | None) -> LicensedProduct | None:
    return None if status is None else build_client(status=status)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_without_changes_nothing_is_seen(check: Any) -> None:
    found = check(answers())
    assert (found.verdict, found.seen) == (UNSEEN, changes.ONLY_A_CHANGE)


@pytest.mark.parametrize(
    ("invalid", "activation", "verdict"),
    [
        (answer(code=0xC004F050, error="refused"), None, HOLDS),
        (answer(code=0xC004F050, error="refused"), 0xC004F074, HOLDS),
        (answer(code=0xC004F050, error="refused"), 0x8007232B, HOLDS),
        (answer(code=0xC004F050, error="refused"), 0x80338000, FAILS),
        (answer(code=0x80004005, error="refused"), None, FAILS),
        (answer(code=0x80041001, error="refused"), None, FAILS),
        (answer(value=True), None, FAILS),
        (answer(error="the connection broke"), None, UNSEEN),
    ],
)
def test_a_failed_licensing_method_has_a_code_of_the_licensing_service(
    invalid: KitAnswer, activation: int | None, verdict: Verdict
) -> None:
    seen = answer(ActivationSeen(0.2, activation))
    assert changes.method_failures_have_codes(answers(change_invalid_key=invalid, change_activation=seen)).verdict is verdict


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (ActivationSeen(0.4), UNSEEN),
        (ActivationSeen(0.4, 0xC004F074), UNSEEN),
        (ActivationSeen(1.0, outlived=True), UNSEEN),
        (ActivationSeen(1.0, outlived=True, took_effect=True), HOLDS),
        (ActivationSeen(1.0, outlived=True, took_effect=False), FAILS),
    ],
)
def test_only_an_activation_that_outlived_its_request_shows_whether_it_continues(seen: ActivationSeen, verdict: Verdict) -> None:
    assert changes.late_activation_continues(answers(change_activation=answer(seen))).verdict is verdict


@pytest.mark.parametrize(
    ("before", "after", "again", "one_refresh", "no_status"),
    [
        (LicenseStatus.UNLICENSED, LicenseStatus.INITIAL_GRACE, LicenseStatus.INITIAL_GRACE, HOLDS, HOLDS),
        (None, LicenseStatus.INITIAL_GRACE, LicenseStatus.INITIAL_GRACE, HOLDS, HOLDS),
        (LicenseStatus.UNLICENSED, LicenseStatus.UNLICENSED, LicenseStatus.INITIAL_GRACE, FAILS, HOLDS),
        (LicenseStatus.NOTIFICATION, LicenseStatus.INITIAL_GRACE, LicenseStatus.INITIAL_GRACE, HOLDS, FAILS),
        (LicenseStatus.LICENSED, LicenseStatus.LICENSED, LicenseStatus.LICENSED, HOLDS, UNSEEN),
    ],
)
def test_a_key_shows_when_it_has_its_status(
    before: LicenseStatus | None, after: LicenseStatus, again: LicenseStatus, one_refresh: Verdict, no_status: Verdict
) -> None:
    found = answers(change_key=answer(KeySeen(product(before), product(after), product(again))))
    assert changes.one_refresh_is_sufficient(found).verdict is one_refresh
    assert changes.new_key_has_no_status(found).verdict is no_status


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (answer(code=3, error="refused"), HOLDS),
        (answer(code=0x8004102E, error="refused"), FAILS),
        (answer(value=True), HOLDS),
        (answer(value=False), UNSEEN),
    ],
)
def test_another_spelling_is_a_method_that_there_is_not(found: KitAnswer, verdict: Verdict) -> None:
    assert changes.method_has_the_usual_spelling(answers(change_archive=found)).verdict is verdict
