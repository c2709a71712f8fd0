# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the result of a task has to be whatever the machine answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.redact import mask_deep
from explained import assert_explained

from .in_process import KEYS, Job, Replay

SPENDERS = ("mak_client", "kms_host")


def assert_honest(job: Job, result: Mapping[str, Any], replay: Replay, *, check: bool, foreseen: bool = True) -> None:
    """Fail unless the result is one of the family, hides keys and tells what was done; `foreseen`: nobody raised what has no name."""
    text = json.dumps(result)
    assert not any(key in text for key in KEYS), f"a full key is in {text}"
    assert mask_deep(result) == result, f"the shape of a full key is in {text}"
    assert "Traceback" not in text
    if result.get("failed") or result.get("unreachable"):
        assert_explained(result)
        assert not foreseen or result["error"]["code"] != "internal_error", result["msg"]
    if check:
        assert replay.writes == 0, "check mode wrote"
    else:
        _assert_accounted(job, result, replay)


def _assert_accounted(job: Job, result: Mapping[str, Any], replay: Replay) -> None:
    """Every way out says what was done before."""
    if not replay.writes:
        assert result["changed"] is False, result["msg"]
    if not replay.acknowledged:
        return
    told = f"{replay.acknowledged}: {result.get('msg')}"
    assert result["changed"] is True, told
    assert any(step["done"] or step["uncertain"] for step in result["steps"]), told
    actions = [step["action"] for step in result["steps"] if step["done"]]
    if "InstallProductKey" in replay.acknowledged:
        assert "install_product_key" in actions or "install_host_key" in actions, told
    if "Activate" in replay.acknowledged and job.module in SPENDERS:
        assert result["activations_used"] == 1, told
    if "ReArmWindows" in replay.acknowledged:
        uncertain = any(step["action"] == "rearm" and step["uncertain"] for step in result["steps"])
        assert result["rearms_used"] == 1 or uncertain, told  # Windows says yes to a rearm it skips, and only its log tells
        assert result["reboot_required"] is True, told
