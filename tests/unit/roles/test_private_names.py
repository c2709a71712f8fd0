# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks compute in private names and publish at their end; nobody but the user reads a published name.

An extra variable wins over `set_fact` and `register`, also in `hostvars`. AWX gives what one job published to the next as extra
variables, so that a role that read its own published name would read the value of the job before.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from published import load, published, read_in, task_files, tasks, variable_files, written

ROOT = Path(__file__).parents[3]
PUBLISHED = published(ROOT)
FILES = [path.relative_to(ROOT).as_posix() for path in [*task_files(ROOT), *variable_files(ROOT)]]


def test_the_names_that_are_published_are_those_users_know() -> None:
    assert {"kms_client_result", "kms_failover_statement", "verify_activation_summary", "proxy_activation_statement"} <= PUBLISHED


@pytest.mark.parametrize("path", [path.relative_to(ROOT).as_posix() for path in task_files(ROOT)])
def test_a_result_is_registered_under_a_private_name_and_published_from_it(path: str) -> None:
    for found in written(ROOT / path):
        if not found.is_private:
            assert found.value in (f"{{{{ __{found.name} }}}}", f"{{{{ __{found.name} | default(omit) }}}}"), found


@pytest.mark.parametrize("path", FILES)
def test_no_file_reads_a_published_name(path: str) -> None:
    assert read_in(load(ROOT / path), PUBLISHED) == set()


def test_no_published_name_is_an_option_of_a_role() -> None:
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for entry in load(path)["argument_specs"].values():
            assert PUBLISHED.isdisjoint(entry["options"])


def test_the_reader_sees_a_name_wherever_it_is_used() -> None:
    """Otherwise the tests above could not fail."""
    names = {"a_result"}
    seen = ["{{ a_result.x }}", "{{ hostvars[h].a_result }}", "{{ x | map(attribute='a_result') }}", "a_result is failed"]
    assert all(read_in([{"block": [{"when": text}]}], names) == names for text in seen)
    assert (
        read_in(["{{ __a_result }}", "{{ a_result_too }}", "{{ x | winops.volume_activation.a_result }}", {"a_result": 1}], names) == set()
    )
    inner = {"always": [{"register": "x"}]}
    assert inner["always"][0] in list(tasks([{"block": [inner]}]))


@pytest.mark.parametrize("playbook", [path.stem for path in ROOT.glob("playbooks/*.yml")])
def test_every_playbook_runs_with_stale_values_in_a_scenario(playbook: str) -> None:
    """Their expectations are those of any other run."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "scenario").glob("*.py")]
    phase = playbook.removeprefix("proxy_")
    assert any("stale_values()" in text and (f'}}.{playbook}"' in text or f"= {phase}(" in text) for text in texts)
