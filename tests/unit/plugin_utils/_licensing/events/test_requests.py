# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which answer belongs to which request, what that means, and whom a host heard."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.catalog import (
    APPLICATION,
    KEY_MANAGEMENT_SERVICE,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.log import Event
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.requests import clients, pair_requests

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)


def sent(record: int, result: int | None = 0) -> Event:
    values = None if result is None else {"result": result}
    return Event(12288, APPLICATION, record, NOW, "info", "", (), values)


def answered(record: int, result: int = 0) -> Event:
    return Event(12289, APPLICATION, record, NOW, "info", "", (), {"result": result})


def heard(record: int, cmid: str, client: str, result: int = 0) -> Event:
    values: dict[str, Any] = {"result": result, "cmid": cmid, "client": client, "activation_id": "sku"}
    return Event(12290, KEY_MANAGEMENT_SERVICE, record, NOW, "info", "", (), values)


def pairs(*events: Event) -> list[tuple[int, int | None]]:
    return [(talk.request.record, talk.answer.record if talk.answer else None) for talk in pair_requests(events)]


def test_an_answer_belongs_to_the_request_right_before_it_in_whatever_order_they_come() -> None:
    assert pairs(answered(4), sent(1), sent(3), answered(2)) == [(3, 4), (1, 2)]


def test_a_request_before_another_one_stays_unanswered_and_a_second_answer_belongs_to_nobody() -> None:
    assert pairs(sent(1), sent(2), answered(3), answered(4)) == [(2, 3), (1, None)]


def test_an_answer_whose_request_is_not_there_is_no_conversation() -> None:
    assert pairs(answered(1)) == []


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((sent(1), answered(2)), "activated"),
        ((sent(1), answered(2, 0xC004F038)), "refused"),
        ((sent(1, 0xC004F06C),), "refused"),
        ((sent(1, 0x800706BA),), "not_reached"),
        ((sent(1, 0xC004F074),), "not_reached"),
        ((sent(1),), "no_answer"),
        ((sent(1, None),), "unknown"),
    ],
)
def test_how_a_request_ended_is_one_word(events: tuple[Event, ...], outcome: str) -> None:
    assert [talk.outcome for talk in pair_requests(events)] == [outcome]


def test_clients_are_told_by_their_id_with_every_name_it_came_under() -> None:
    found = clients([heard(1, "a", "one"), heard(3, "a", "two", 0xC004F038), heard(2, "b", "three"), sent(4)])
    assert [(client.cmid, client.names, client.request_count, client.refused_count, client.result) for client in found] == [
        ("a", ("two", "one"), 2, 1, 0xC004F038),
        ("b", ("three",), 1, 0, 0),
    ]
