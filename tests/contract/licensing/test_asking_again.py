# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A licensed client that is told to ask its KMS host once more, as after the host's key was changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Sessions = Callable[[str], Any]
Convert = Callable[..., Any]
HOST = "kms1.corp.example"


def test_a_licensed_client_asks_once_and_that_is_the_only_write(session: Sessions, convert: Convert) -> None:
    client = session("client22")
    outcome = convert(client, kms_host=HOST, reactivate=True)
    assert (outcome.activation["outcome"], outcome.changed) == ("activated", True)
    assert client.writes == ["Activate"]
    assert [(step.action, step.consumes, step.done) for step in outcome.steps] == [("activate", None, True)]


def test_without_being_told_so_it_does_not_ask(session: Sessions, convert: Convert) -> None:
    client = session("client22")
    assert convert(client, kms_host=HOST).activation["outcome"] == "already_licensed"
    assert client.writes == []


def test_a_host_with_too_low_a_count_leaves_a_licensed_client_waiting_and_unchanged(
    session: Sessions, convert: Convert, estate: Any
) -> None:
    estate.set_fault("kms1", "kms_count", value=3)
    outcome = convert(session("client22"), kms_host=HOST, reactivate=True)
    assert (outcome.activation["outcome"], outcome.failed, outcome.changed) == ("waiting_for_count", False, False)
    assert (outcome.activation["current_count"], outcome.activation["required_count"]) == (3, 5)
    assert outcome.state.primary.status.is_activated


def test_a_renewal_that_fails_fails_the_task_and_says_that_the_client_is_still_licensed(
    session: Sessions, convert: Convert, estate: Any
) -> None:
    estate.set_fault("kms1", "kms_host_down")
    outcome = convert(session("client22"), kms_host=HOST, reactivate=True)
    assert outcome.failed
    assert outcome.error["code"] == "0xC004F074"
    assert f"The product is still licensed until {outcome.activation['expires']}." in outcome.message
    assert outcome.state.primary.status.is_activated


def test_a_lost_answer_is_not_asked_for_again_when_the_event_log_shows_that_the_host_said_yes(session: Sessions, convert: Convert) -> None:
    client = session("client22")
    client.lose_answer_of("Activate", True)
    assert convert(client, kms_host=HOST, reactivate=True).activation["outcome"] == "activated"
    assert client.requests.count("Activate") == 1


def test_a_machine_that_is_not_licensed_is_not_said_to_be(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("kms1", "kms_host_not_activated")
    outcome = convert(session("grace22"), reactivate=True)
    assert outcome.failed
    assert "still licensed" not in outcome.message
