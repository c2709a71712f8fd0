# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_client for Office: check mode, run, and second run; what is written where; refusals by name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .harness import Lab, Results

ESTATE = "office_client.yml"
RESTART = "Restart the Office programs"
HOST = {"kms_host": "kms1.corp.lab"}


@dataclass(frozen=True)
class Story:
    """Check mode, the run, and a second run."""

    forecast: Results
    run: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    wishes = {"two": {"application": "office", **HOST}, "tokyo": {"application": "all", **HOST}, "bare": {"application": "all", **HOST}}
    forecast = lab.each("kms_client", wishes, keywords={"check_mode": True, "diff": True})
    run = lab.each("kms_client", wishes, keywords={"diff": True}, expected_warnings=(RESTART,))
    return Story(forecast, run, lab.each("kms_client", wishes))


def test_each_product_gets_its_gvlk_and_is_activated(story: Story) -> None:
    done = story.run["two"]
    assert [item["outcome"] for item in done["activations"]] == ["activated", "activated"]
    assert [item["partial_product_key"] for item in done["activations"]] == ["6F7TH", "K2HT4"]
    assert done["activation"] is None
    assert done["restart_office_programs"] is True
