# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that a guide in Japanese shows do what the guide says, with their Japanese names."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from project import ROOT

from .harness import Lab

pytestmark = pytest.mark.slow

ESTATE = "mak_client.yml"
MAK = "MMMMM-KKKKK-MMMMM-MKC22-TTWX3"
MACHINE = "PHONE-W11"


def plays_of(guide: str, **changed: Any) -> list[dict[str, Any]]:
    """The plays of a guide in their order."""
    text = (ROOT / "docs" / "docsite" / "rst" / f"{guide}.rst").read_text(encoding="utf-8")
    blocks = re.findall(r"code-block:: yaml\+jinja\n\n((?:   .*\n|\n)+)", text)
    return [{**play, **changed} for block in blocks for play in yaml.safe_load(block)]


def test_the_two_playbooks_for_the_telephone_activate_a_machine(lab: Lab) -> None:
    first, second = plays_of("guide_ja_telephone", hosts=MACHINE)
    tell = ("Get the confirmation ID from the activation center",)
    shown = lab.playbook([first], {"vault_mak": MAK}, expected_warnings=tell)[MACHINE]["msg"]
    name, _colon, spoken = shown.partition(": ")
    assert (name, len(spoken.split(" "))) == (MACHINE, 9)
    answer = lab.client.phone(spoken.replace(" ", ""))
    given = {
        "confirmation_id": "-".join(answer[start : start + 6] for start in range(0, 48, 6)),
        "installation_id": spoken.replace(" ", "-"),
    }
    done = lab.playbook([second], extra=given)[MACHINE]
    assert done["activation"]["outcome"] == "activated"
