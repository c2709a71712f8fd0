# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The third part of `make demo`: Office and Extended Security Updates on machines with several licenses each.

Uses a lab of its own. The playbooks activate what has a volume license, and leave Microsoft 365 and retail editions alone.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from playbook import Run, run_playbook
from project import FQCN, ROOT
from winlab.client import running_lab

ESTATE = ROOT / "tests" / "lab" / "estates" / "licenses.yml"
READ = ROOT / "tools" / "playbooks" / "read_licenses.yml"
PROGRAMME = "windows_10_year_2"
INFO = f"{FQCN}.activation_info"
CONVERT, ESU = f"{FQCN}.convert_to_kms", f"{FQCN}.activate_esu"
OFFICE_VARIABLES = {
    "convert_to_kms_hosts": "office",
    "kms_client_application": "all",
    "kms_client_discovery": "true",
    "kms_client_remove_leftover_keys": "true",
    "kms_client_dns_server": "{{ winlab_dns_server }}",
    "kms_client_dns_port": "{{ winlab_dns_port }}",
}
SHOWN = 3

Results = Mapping[str, Mapping[str, Any]]
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Act:
    """The environment of the third part."""

    work: Path
    console: Console
    at_the_end: Callable[[Path, int], None]
    """Is called with the inventory, and the number of machines that the second run changed, before the lab stops."""


def short_name(name: str) -> str:
    """Return the name of a license without the brand before it, its editions, and the word edition."""
    return name.partition(", ")[2].partition(" add-on for ")[0].removesuffix(" edition") or name


def rows_of(result: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a license of a machine for each row: its name, its status, and its key. Windows itself is not shown."""
    for product in result.get("products", ()):
        if not product["primary"]:
            yield (short_name(product["name"]), product["status"].replace("_", " "), product["channel"].upper())
    for office in result.get("office_installations", ()):
        if office["kind"] != "volume":
            yield (office["release_id"], "not managed", office["kind"])


def licenses_table(title: str, results: Results) -> Table:
    """Return a table of the licenses, with the machines that have each of them."""
    groups: dict[Row, list[str]] = defaultdict(list)
    for name, result in results.items():
        for row in rows_of(result):
            groups[row].append(name)
    table = Table("machines", "license", "status", "key", "which", title=title, title_justify="left")
    table.columns[0].justify = "right"
    for (name, status, key), names in sorted(groups.items()):
        color = "green" if status == "licensed" else "dim" if status == "not managed" else "yellow"
        more = f", ... ({len(names) - SHOWN} more)" if len(names) > SHOWN else ""
        table.add_row(str(len(names)), name, f"[{color}]{status}[/]", key, ", ".join(sorted(names)[:SHOWN]) + more)
    return table


def office_activated(results: Results) -> int:
    """Return the number of Office products that KMS has activated."""
    products = (product for result in results.values() for product in result.get("products", ()))
    return sum(product["application"] == "office" and product["activated_by"] == "kms" for product in products)


def esu_activated(results: Results) -> int:
    """Return the number of machines on which the license of the programme is activated."""
    found = (each for result in results.values() for each in result.get("esu", ()))
    return sum(each["programme"] == PROGRAMME and each["licensed"] for each in found)


def left_alone(before: Results, after: Results) -> int:
    """Return the number of Microsoft 365 and retail editions of Office that the playbooks did not change."""
    return sum(
        len([each for each in result["office_installations"] if each["kind"] != "volume"])
        for name, result in before.items()
        if result.get("office_installations") == after[name].get("office_installations") and _other_keys(result) == _other_keys(after[name])
    )


def _other_keys(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the Office licenses with a key that is neither for KMS nor a MAK, with their keys."""
    return sorted(
        (product["activation_id"], product["partial_product_key"])
        for product in result.get("products", ())
        if product["application"] == "office" and product["channel"] not in ("gvlk", "mak")
    )


def esu_variables(work: Path) -> Path:
    """Write the variables that a user would store in a vault file, and return the path of the file."""
    keys = yaml.safe_load(ESTATE.read_text(encoding="utf-8"))["microsoft"]["keys"]
    variables = {
        "activate_esu_hosts": "esu",
        "esu_programme": PROGRAMME,
        "esu_product_key": keys[0]["key"],
        "esu_max_activations": 10,
    }
    path = work / "esu.yml"
    path.write_text(yaml.safe_dump(variables, sort_keys=False), encoding="utf-8")
    path.chmod(0o600)
    return path


def read(act: Act, inventory: Path, number: int) -> Results:
    """Read all licenses of all machines, without the output of the playbook."""
    with (act.work / f"licenses-{number}.log").open("w", encoding="utf-8") as log:
        return run_playbook(READ, inventory, act.work / f"licenses-{number}.json", output=log).results(INFO)


def activate(act: Act, inventory: Path, number: int) -> tuple[Run, Run]:
    """Run both playbooks of the collection. The output of the first run is shown."""
    given = esu_variables(act.work)
    shown = " ".join(f"-e {shlex.quote(f'{name}={value}')}" for name, value in OFFICE_VARIABLES.items())
    office = _run(act, inventory, number, CONVERT, shown, variables=OFFICE_VARIABLES)
    esu = _run(act, inventory, number, ESU, f"-e @{given.relative_to(ROOT)}", variables_file=given)
    return office, esu


def _run(act: Act, inventory: Path, number: int, playbook: str, shown: str, **variables: Any) -> Run:
    act.console.print(f"\n[bold]$ ansible-playbook -i {inventory.relative_to(ROOT)} {playbook} {shown}[/]", soft_wrap=True)
    name = f"{playbook.rpartition('.')[2]}-licenses-{number}"
    if number == 1:
        return run_playbook(playbook, inventory, act.work / f"{name}.json", **variables)
    log = act.work / f"{name}.log"
    with log.open("w", encoding="utf-8") as output:
        run = run_playbook(playbook, inventory, act.work / f"{name}.json", output=output, **variables)
    act.console.print(f"... (the complete output is in {log.relative_to(ROOT)})")
    return run


def play(act: Act) -> dict[str, Any]:
    """Run the third part. Returns the part `licences` of build/demo.json."""
    with running_lab(ESTATE, run_dir=act.work / "licenses-lab") as (_client, inventory):
        before = read(act, inventory, 1)
        act.console.print(licenses_table("Before", before))
        activate(act, inventory, 1)
        after = read(act, inventory, 2)
        act.console.print(licenses_table("After", after))
        second = activate(act, inventory, 2)
        second_run_changed = sum(run.changed_hosts() for run in second)
        act.at_the_end(inventory, second_run_changed)
    return {
        "office_activated": office_activated(after),
        "esu_activated": esu_activated(after),
        "left_alone": left_alone(before, after),
        "second_run_changed": second_run_changed,
    }


def is_right(result: Mapping[str, Any]) -> bool:
    """Return whether Office and ESU were activated, other editions were not changed, and the second run changed nothing."""
    return bool(result["office_activated"] and result["esu_activated"] and result["left_alone"] and result["second_run_changed"] == 0)
