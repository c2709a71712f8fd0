# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that machines without internet access are licensed with the MAK, and that the file has their IDs."""

from __future__ import annotations

import csv
import io
import re

import pytest

import outside

PLANT = outside.names("plant")
ACTIVATED = ["plant-desktop", "plant-server"]


def rows() -> dict[str, dict[str, str]]:
    """The records of the file by machine."""
    return {row["machine"]: row for row in csv.DictReader(io.StringIO(outside.read("plant.csv").removeprefix("\ufeff")))}


@pytest.mark.parametrize("name", PLANT)
def test_windows_has_the_mak_and_its_license_has_no_end(name: str) -> None:
    assert (outside.channel(name), outside.partial_key(name), outside.minutes_left(name)) == ("VOLUME_MAK", "88888", None)


@pytest.mark.parametrize("name", ["plant-server", "plant-licensed"])
def test_an_english_machine_shows_that_it_is_licensed(name: str) -> None:
    assert outside.status(name) == "Licensed"


def test_the_file_has_the_machines_that_needed_a_confirmation_id() -> None:
    assert sorted(rows()) == ACTIVATED


@pytest.mark.parametrize("name", ACTIVATED)
def test_the_record_has_the_installation_id_that_slmgr_shows(name: str) -> None:
    shown = outside.output(outside.machine(name), "cscript //nologo slmgr.vbs /dti")
    (installation_id,) = re.findall(r"\b\d{54,63}\b", shown)
    assert rows()[name]["installation_id"].replace("-", "") == installation_id


@pytest.mark.parametrize("name", ACTIVATED)
def test_the_record_has_a_confirmation_id_in_groups(name: str) -> None:
    assert re.fullmatch(r"(\d{6}-){7}\d{6}", rows()[name]["confirmation_id"])
    assert rows()[name]["partial_product_key"] == "88888"


def test_microsoft_was_asked_once_for_each_machine() -> None:
    (key,) = (key for key in outside.lab().batch()["keys"] if key["partial_key"] == "88888" and key["channel"] == "mak")
    assert (key["used"], key["remaining"]) == (len(PLANT), 0)
    asked = {row["installation_id"].replace("-", "") for row in rows().values()}
    assert {installation_id.replace("-", ""): times["asked"] for installation_id, times in key["questions"].items()} == dict.fromkeys(
        asked, 1
    )
