# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAKs of Office: each product with its own key in its own licensing service, online, by telephone, and through a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .harness import Lab, Results
from .proxy_by_hand import collect, count, deposit, table

ESTATE = "office_mak.yml"
SUITE_2010, VISIO_2010, SUITE_2021, SUITE_2016 = (f"MMMMM-KKKKK-MMMMM-CCCCC-{ending}" for ending in ("22233", "22244", "22266", "22277"))
WINDOWS = "22222"


def mak(key: str | None = None, **options: Any) -> dict[str, Any]:
    return {"application": "office", **({"product_key": key} if key else {}), **options}


@dataclass(frozen=True)
class Story:
    """The first MAK of each machine, those for a second product, and all of them once more."""

    first: Results
    refused: Results
    second: Results
    again: Results
    info: Results
    wishes: Mapping[str, Mapping[str, Any]]


def license_id(info: Results, name: str, word: str) -> str:
    """The activation ID of the license for a MAK, with or without a key."""
    (found,) = (each["activation_id"] for each in info[name]["products"] if word in each["name"] and "MAK" in each["description"])
    return str(found)


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    licenses = lab.all("activation_info", ["TEN", "BOTH"], application="office", include_products_without_key=True)
    first = lab.each("mak_client", {"TEN": mak(SUITE_2010), "SEVEN": mak(SUITE_2016), "BOTH": mak(SUITE_2021)})
    refused = lab.each("mak_client", {"TEN": mak(VISIO_2010), "BOTH": mak(SUITE_2010)})
    wishes = {
        "TEN": mak(VISIO_2010, activation_id=license_id(licenses, "TEN", "VisioPrem")),
        "BOTH": mak(SUITE_2010, activation_id=license_id(licenses, "BOTH", "Office 14, OfficeProPlus")),
    }
    second, again = lab.each("mak_client", wishes), lab.each("mak_client", {**wishes, "SEVEN": mak(SUITE_2016)})
    return Story(first, refused, second, again, lab.all("activation_info", ["TEN", "SEVEN", "BOTH"], application="all"), wishes)


@pytest.mark.quick
def test_each_product_of_office_2010_has_its_own_mak(story: Story) -> None:
    keys = [(each["partial_product_key"], each["status"], each["licensing_service"]) for each in story.info["TEN"]["products"]]
    assert keys == [(WINDOWS, "licensed", "windows"), (SUITE_2010[-5:], "licensed", "office"), (VISIO_2010[-5:], "licensed", "office")]
    assert [story.first["TEN"]["activations_used"], story.second["TEN"]["activations_used"]] == [1, 1]


def test_second_product_without_its_id_is_refused_because_the_first_mak_could_be_replaced(story: Story) -> None:
    assert story.refused["TEN"]["error"]["code"] == "activation_would_be_lost"
    assert "activation_id" in story.refused["TEN"]["msg"]
    assert story.refused.writes("TEN") == 0


def test_office_2016_on_windows_7_uses_the_service_of_office(story: Story) -> None:
    windows, office = story.info["SEVEN"]["products"]
    assert (windows["partial_product_key"], windows["licensing_service"]) == (WINDOWS, "windows")
    assert (office["partial_product_key"], office["status"], office["licensing_service"]) == (SUITE_2016[-5:], "licensed", "office")


def test_machine_with_both_services_needs_the_id_of_the_product(story: Story) -> None:
    for result in (story.first["BOTH"], story.refused["BOTH"]):
        assert (result["status"], result["error"]["code"]) == ("failed", "several_licensing_services")
    keyed = [(each["partial_product_key"], each["licensing_service"]) for each in story.info["BOTH"]["products"]]
    assert keyed == [(WINDOWS, "windows"), (SUITE_2010[-5:], "office")]


def test_second_run_does_nothing(story: Story) -> None:
    for name, result in story.again.items():
        assert (result["status"], result["changed"], result["activations_used"]) == ("ok", False, 0)
        assert story.again.writes(name) == 0


def test_telephone_activates_the_product_of_the_installation_id(lab: Lab) -> None:
    wishes = {"PHONE-10": mak(SUITE_2010, activation_method="telephone"), "PHONE-21": mak(SUITE_2021, activation_method="telephone")}
    asked = lab.each("mak_client", wishes, expected_warnings=("Get the confirmation ID",))
    told = {name: {**wishes[name], "confirmation_id": lab.client.phone(asked[name]["activation"]["installation_id"])} for name in wishes}
    done, again = lab.each("mak_client", told), lab.each("mak_client", told)
    for name in wishes:
        assert (done[name]["status"], done[name]["products"][0]["status"]) == ("ok", "licensed")
        assert (again[name]["changed"], again.writes(name)) == (False, 0)
    info = lab.all("activation_info", wishes, application="all")
    assert all(product["status"] == "licensed" for name in wishes for product in info[name]["products"])


def test_one_file_keeps_windows_and_office_apart(lab: Lab, tmp_path: Path) -> None:
    file, office = tmp_path / "site.csv", {"proxy_activation_application": "office"}
    assert count(collect(lab, "file", file)) == {"waiting": 2, "already_licensed": 1}
    assert count(collect(lab, "file", file, SUITE_2010, **office)) == {"waiting": 2, "already_licensed": 1}
    rows = table(file)
    assert sorted((row["machine"], row["application"], row["partial_product_key"]) for row in rows) == [
        ("FILE-10", "office", SUITE_2010[-5:]),
        ("FILE-10", "windows", WINDOWS),
        ("FILE-10B", "office", SUITE_2010[-5:]),
        ("FILE-10B", "windows", WINDOWS),
    ]
    write(
        file, [{**row, "confirmation_id": lab.client.phone(row["installation_id"])} for row in rows if row["application"] == "office"], rows
    )
    assert count(deposit(lab, "file", file, **office)) == {"activated": 2, "already_licensed": 1}
    assert count(deposit(lab, "file", file)) == {"waiting": 2, "already_licensed": 1}
    info = lab.all("activation_info", ["FILE-10", "FILE-10B"], application="all")
    for result in info.values():
        assert [(each["application"], each["status"] == "licensed") for each in result["products"]] == [
            ("windows", False),
            ("office", True),
        ]


def write(file: Path, answered: list[dict[str, str]], rows: list[dict[str, str]]) -> None:
    """The file with the confirmation IDs of some of its rows."""
    done = {(row["machine"], row["application"]): row for row in answered}
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(done.get((row["machine"], row["application"]), row) for row in rows)
