# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of proxy activation as a person calls them, and what one can see of them without the collection's own code."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .harness import FQCN, Lab, Results


def collect(lab: Lab, hosts: str, file: Path, key: str | None = None, **more: Any) -> Results:
    return run(lab, "collect", hosts, file, key, **more)


def deposit(lab: Lab, hosts: str, file: Path, key: str | None = None, **more: Any) -> Results:
    return run(lab, "deposit", hosts, file, key, **more)


def run(lab: Lab, phase: str, hosts: str, file: Path, key: str | None, *, options: tuple[str, ...] = (), warnings: tuple[str, ...] = (),
        verbosity: int = 0, **changes: Any) -> Results:  # fmt: skip
    """One of the two playbooks, with the key in a file of variables: at -vvvv Ansible prints the command line."""
    variables = {"proxy_activation_hosts": hosts, "proxy_activation_file": str(file), **changes}
    vault = lab.folder / "mak.yml"
    vault.write_text(yaml.safe_dump({"proxy_activation_product_key": key} if key else {}), encoding="utf-8")
    options += ("--extra-vars", f"@{vault}")
    return lab.run(f"{FQCN}.proxy_{phase}", variables, options=options, expected_warnings=warnings, verbosity=verbosity)


def report_of(results: Results) -> Mapping[str, Any]:
    facts = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    (found,) = (fact["proxy_activation_report"] for fact in facts if "proxy_activation_report" in fact)
    return dict(found)


def statuses(results: Results) -> dict[str, str]:
    return {row["machine"]: row["status"] for row in report_of(results)["rows"]}


def count(results: Results) -> dict[str, int]:
    return {status: number for status, number in report_of(results)["counts"].items() if number}


def failed(results: Results) -> set[str]:
    """The machines that did not end well."""
    return {name for name, result in results.items() if result["status"] == "failed"}


def table(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as a spreadsheet shows them."""
    text = file.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def channels(lab: Lab, name: str) -> list[str]:
    """What kinds of keys a machine has."""
    return [product["channel"] for product in lab.client.machine(name)["products"]]


def licensed(lab: Lab, name: str) -> bool:
    return any(
        product["channel"] == "mak" and product["properties"]["LicenseStatus"] == 1 for product in lab.client.machine(name)["products"]
    )
