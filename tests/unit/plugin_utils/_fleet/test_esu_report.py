# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report about Extended Security Updates: every machine has one status, and the last task that ran decides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.esu_report import STATUSES, EsuRow, report, row_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import esu

from .results import BROKEN, SKIPPED, UNREACHABLE

PROGRAMME = "windows_10_year_2"


def one_row_each(found: dict[str, Any], machines: list[str]) -> bool:
    """Whether every machine is in exactly one row of the table."""
    return sorted(name for group in found["groups"] for name in group["machines"]) == sorted(machines)


def ended(outcome: str, *, steps: int = 0, installation_id: str | None = None) -> dict[str, Any]:
    """A result of mak_client."""
    return {"activation": {"outcome": outcome, "installation_id": installation_id}, "steps": [{"action": "activate"}] * steps}


REFUSED = {
    "failed": True,
    "msg": "pc1 does not have the license. Install KB1.",
    "error": {"category": "precondition", "code": "esu_preparation_missing", "next_steps": ["Install KB1."]},
}
CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (None, None, None, "not_run"),
    ({}, None, None, "not_run"),
    (SKIPPED, SKIPPED, None, "not_run"),
    (ended("already_licensed"), SKIPPED, SKIPPED, "already_licensed"),
    (ended("planned", steps=2), ended("activated", steps=2), {"passed": True}, "activated"),
    (ended("planned", steps=2), ended("planned", steps=2), SKIPPED, "planned"),
    (ended("planned", steps=2), None, None, "not_run"),
    (ended("planned", steps=2), ended("activated", steps=2), {"failed": True, "msg": "[esu_not_licensed]"}, "failed"),
    (ended("planned", steps=2), BROKEN, None, "failed"),
    (ended("planned", steps=2), UNREACHABLE, None, "unreachable"),
    (UNREACHABLE, SKIPPED, None, "unreachable"),
    (REFUSED, SKIPPED, None, "refused"),
    (ended("needs_confirmation_id", steps=1), ended("needs_confirmation_id", steps=1, installation_id="123"), None, "waiting"),
    (ended("needs_confirmation_id", installation_id="123"), SKIPPED, None, "waiting"),
    (ended("needs_confirmation_id", steps=1), ended("needs_confirmation_id", steps=1), None, "planned"),
)


@pytest.mark.parametrize(("checked", "activated", "proof", "status"), CASES)
def test_the_last_task_that_ran_decides(checked: Any, activated: Any, proof: Any, status: str) -> None:
    assert row_of("pc1", PROGRAMME, checked, activated, proof).status == status


STEP = "Install KB1."
LINES: tuple[tuple[dict[str, Any], str, str], ...] = (
    (
        {**REFUSED, "msg": "Task failed: pc1 does not have the license. Install KB1. [esu_preparation_missing]"},
        "pc1 does not have the license.",
        "pc1: does not have the license. Next: Install KB1. [esu_preparation_missing]",
    ),
    (
        {**REFUSED, "msg": "PC1 is not activated. Next: Install KB1. [esu_preparation_missing]"},
        "PC1 is not activated.",
        "pc1: is not activated. Next: Install KB1. [esu_preparation_missing]",
    ),
    (
        {
            "failed": True,
            "msg": "pc1: The activation failed: 0xC004C003: blocked. Windows itself was not changed. Next: Install KB1.",
            "error": {"category": "key", "code": "0xC004C003", "next_steps": [STEP, "Or another way."]},
        },
        "The activation failed: 0xC004C003: blocked. Windows itself was not changed.",
        "pc1: The activation failed: 0xC004C003: blocked. Windows itself was not changed. Next: Install KB1.",
    ),
    (
        {
            "failed": True,
            "msg": "pc1 is too old. Install KB1. Exclude it. [esu_not_for_this_windows]",
            "error": {"category": "precondition", "code": "esu_not_for_this_windows", "next_steps": [STEP, "Exclude it."]},
        },
        "pc1 is too old.",
        "pc1: is too old. Next: Install KB1. Exclude it. [esu_not_for_this_windows]",
    ),
    (
        {
            "unreachable": True,
            "msg": "pc1: It restarts. Install KB1. Completed steps: install the key. [unreachable]",
            "error": {"category": "network", "code": "unreachable", "next_steps": [STEP]},
        },
        "It restarts. Install KB1. Completed steps: install the key.",
        "pc1: It restarts. Install KB1. Completed steps: install the key. [unreachable]",
    ),
    ({"unreachable": True, "msg": "pc1: connection refused"}, "connection refused", "pc1: connection refused"),
)


@pytest.mark.parametrize(("result", "message", "line"), LINES)
def test_message_step_and_code_are_in_a_line_once(result: dict[str, Any], message: str, line: str) -> None:
    found = report([row_of("pc1", PROGRAMME, result, None, None)])
    (row,) = found["rows"]
    assert (row["message"], row["line"]) == (message, line)
    assert found["lines"][-1] == line


def test_a_machine_that_was_spared_a_wrong_key_has_the_reason() -> None:
    spared = {"skipped": True, "why_not_run": "the key ending in 33333 is not for windows_10_year_2: see pc1"}
    found = row_of("pc2", PROGRAMME, ended("planned", steps=2), spared, None)
    assert (found.status, found.message) == ("not_run", f"Not run, because {spared['why_not_run']}.")
    assert "see pc1" in str(report([found])["lines"])


def test_a_machine_that_waits_has_its_installation_id_in_its_line() -> None:
    (line,) = (line for line in report([row_of("pc1", PROGRAMME, CASES[13][0], None, None)])["lines"] if line.startswith("pc1"))
    assert ("123" in line, "esu_confirmation_id" in line) == (True, True)


rows = st.builds(
    EsuRow,
    st.sampled_from([f"pc{number}" for number in range(12)]),
    st.sampled_from([None, *esu.names()]),
    st.sampled_from(list(STATUSES)),
    st.just("It."),
)


@given(st.lists(rows, unique_by=lambda row: row.machine))
def test_every_machine_is_counted_once(given_rows: list[EsuRow]) -> None:
    found = report(given_rows)
    assert sorted(name for names in found["machines"].values() for name in names) == sorted(row.machine for row in given_rows)
    assert sum(sum(counts.values()) for counts in found["programmes"].values()) == sum(row.programme is not None for row in given_rows)
    assert found["summary"].startswith(f"{len(given_rows)} machine")


@given(st.dictionaries(st.text(min_size=1, max_size=6), st.sampled_from(list(STATUSES)), max_size=20))
def test_every_machine_has_one_row_in_the_table_and_a_machine_with_a_problem_one_line(statuses: dict[str, str]) -> None:
    found = report(EsuRow(name, PROGRAMME, status, f"{name}: it is so.", ("Do it.",), "a_code") for name, status in statuses.items())
    assert one_row_each(found, list(statuses))
    assert list(found["failures"]) == found["problems"]
    assert found["shown"][-1] == found["summary"]
