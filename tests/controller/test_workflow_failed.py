# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""workflow_failed always fails, and says which jobs came to what."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from project import BIN, FQCN, environment


def run(**artifacts: Any) -> subprocess.CompletedProcess[str]:
    command = [BIN / "ansible-playbook", "-i", "localhost,", f"{FQCN}.workflow_failed", "-e", json.dumps(artifacts)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment())


def test_it_fails_without_any_artifact() -> None:
    done = run()
    assert done.returncode == 2
    assert "A job of this workflow failed. Open the failed jobs of the workflow." in " ".join(done.stdout.split())


def test_an_artifact_of_another_form_does_not_hide_the_others() -> None:
    """A playbook of the site can publish a name that ends in _outcome."""
    foreign = {"playbook": "own", "outcome": "failed", "summary": None, "failed": 5}
    done = run(own_outcome_7=foreign, other_outcome_8={**foreign, "failed": "host-01"}, third_outcome=[1], fourth_outcome=None)
    assert done.returncode == 2
    output = " ".join(done.stdout.split())
    assert "own (failed): no summary Failed: 5." in output
    assert "own (failed): no summary Failed: host-01." in output


def test_it_shows_the_outcomes_of_the_jobs_and_nothing_else() -> None:
    outcome = {"playbook": "convert_to_kms", "outcome": "failed", "summary": "2 of 30 machines failed."}
    done = run(convert_to_kms_outcome_42=outcome, activation_check_outcome={"outcome": "ok"}, other_outcome="text")
    assert done.returncode == 2
    output = " ".join(done.stdout.split())
    assert "A job of this workflow failed. convert_to_kms (failed): 2 of 30 machines failed. Open the failed jobs" in output
