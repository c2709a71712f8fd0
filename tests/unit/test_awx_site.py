# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example site in awx/ is one that the role accepts, without a secret."""

from __future__ import annotations

from typing import Any

import yaml

from controller_data import ROOT, data, objects_of

AWX = ROOT / "awx"
PREFIX = "controller_content_"


def load(name: str) -> Any:
    return yaml.safe_load((AWX / name).read_text(encoding="utf-8"))


def site() -> dict[str, Any]:
    variables = {**load("site.yml"), **load("secrets.example.yml")}
    return {"project": "", **{name.removeprefix(PREFIX): value for name, value in variables.items()}}


def test_the_role_accepts_the_site() -> None:
    objects = objects_of(site())
    names = [template["name"] for template in objects["templates"]]
    assert "Volume activation | Activate ESU" not in names
    assert {template["playbook"].rpartition("/")[0] for template in objects["templates"]} == {"project"}


def test_each_variable_is_one_of_the_role() -> None:
    specs = yaml.safe_load((ROOT / "roles" / "controller_content" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    assert {*load("site.yml"), *load("secrets.example.yml")} <= set(specs["argument_specs"]["main"]["options"])


def test_each_named_credential_is_described_and_has_a_type_that_is_shipped() -> None:
    objects = objects_of(site())
    types = {each["name"]: {field["id"] for field in each["inputs"]["fields"]} for each in objects["credential_types"]}
    described = {each["name"]: each for each in objects["credentials"]}
    assert set(site()["credential_names"].values()) == set(described)
    for each in described.values():
        if each["credential_type"] != "Machine":
            assert set(each["inputs"]) <= types[each["credential_type"]]


def test_secrets_are_placeholders() -> None:
    secret = {field["id"] for each in data()["credential_types"] for field in each["inputs"]["fields"] if field.get("secret")}
    for each in load("secrets.example.yml")["controller_content_extra_objects"]["controller_credentials"]:
        assert all(value == "PLACEHOLDER" for name, value in each["inputs"].items() if name in secret)


def test_groups_without_a_controller_are_those_of_the_constructed_inventory() -> None:
    assert load("by_activation.yml") == data()["constructed"]["source_vars"]


def test_the_file_host_and_the_answers_are_in_the_inventory() -> None:
    text = (AWX / "inventory.yml").read_text(encoding="utf-8")
    for name in (site()["file_host"], site()["answers"]["kms_failover_replacement"], site()["answers"]["kms_failover_clients"]):
        assert f"{name}:" in text
