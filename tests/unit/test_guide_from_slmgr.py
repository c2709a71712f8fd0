# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide from slmgr, ospp, and VAMT has every command, and the tasks in it are accepted by the modules that they name."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROOT = Path(__file__).resolve().parents[2]
FQCN = "winops.volume_activation"
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_from_slmgr.rst").read_text(encoding="utf-8")
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))

SLMGR = """ipk ato dli dlv xpr upk cpky ilc rilc rearm rearm-app rearm-sku skms ckms skms-domain ckms-domain skhc ckhc act-type sprt sai sri
sdns cdns spri cpri dti atp lil ril ltc fta ad-activation-online ad-activation-get-iid ad-activation-apply-cid ao-list del-ao
stao ctao"""
"""The commands of slmgr.vbs: Microsoft's page on its options, and the script of Windows 7 for the last two."""
OSPP = """dstatus dstatusall unpkey inpkey inslic act rearm dinstid actcid sethst remhst setprt cachst actype skms-domain ckms-domain
puserops duserops dhistoryacterr dhistorykms dcmid ddescr osppsvcrestart osppsvcauto tokact dtokils rtokil dtokcerts stokflag ctokflag"""
"""The commands of ospp.vbs: Microsoft's page on tools to manage volume activation of Office."""

_TASK = re.compile(rf"``((?:{'|'.join(MODULES)}): \{{.*?\}})``")
_OPTION = re.compile(rf":ansopt:`{re.escape(FQCN)}\.(\w+)#module:([\w.\[\]]+)(?:=\w+)?`")
_RESULT = re.compile(rf":ansretval:`{re.escape(FQCN)}\.(\w+)#module:([\w.\[\]]+)`")


@cache
def part(module: str, name: str) -> Any:
    """DOCUMENTATION or RETURN of a module, without importing it."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name)
    return yaml.safe_load(ast.literal_eval(found.value))


@cache
def options_of(module: str) -> dict[str, Any]:
    """The options of a module, with those of its fragments."""
    documentation = part(module, "DOCUMENTATION")
    options = dict(documentation.get("options") or {})
    for fragment in documentation.get("extends_documentation_fragment", ()):
        file, _dot, section = fragment.removeprefix(f"{FQCN}.").partition(".")
        shared = import_module(f"ansible_collections.{FQCN}.plugins.doc_fragments.{file}").ModuleDocFragment
        options |= yaml.safe_load(getattr(shared, (section or "documentation").upper())).get("options", {})
    return options


def specification(options: Mapping[str, Any]) -> dict[str, Any]:
    """The argument specification that documented options stand for."""
    taken = ("type", "elements", "choices", "required")
    spec = {name: {key: option[key] for key in taken if key in option} for name, option in options.items()}
    for name, option in options.items():
        if "suboptions" in option:
            spec[name]["options"] = specification(option["suboptions"])
    return spec


def reached(tree: Mapping[str, Any], path: str, inner: str) -> bool:
    """Whether a path such as a[].b leads somewhere in options or results."""
    first, _dot, rest = path.replace("[]", "").partition(".")
    return first in tree and (not rest or reached(tree[first].get(inner, {}), rest, inner))


@pytest.mark.parametrize("task", sorted(set(_TASK.findall(GUIDE))))
def test_a_task_of_the_guide_is_accepted_by_its_module(task: str) -> None:
    [(module, given)] = yaml.safe_load(task).items()
    result = ArgumentSpecValidator(specification(options_of(module))).validate(given)
    assert result.error_messages == []


def test_the_guide_has_tasks_of_most_modules() -> None:
    tasks = _TASK.findall(GUIDE)
    assert len(tasks) > 50
    assert len({task.partition(":")[0] for task in tasks}) > 12


def test_options_and_results_that_the_guide_names_exist() -> None:
    wrong = [f"{module}: {path}" for module, path in _OPTION.findall(GUIDE) if not reached(options_of(module), path, "suboptions")]
    wrong += [f"{module}: {path}" for module, path in _RESULT.findall(GUIDE) if not reached(part(module, "RETURN"), path, "contains")]
    assert len(_RESULT.findall(GUIDE)) > 5
    assert wrong == []


@pytest.mark.parametrize(
    ("start", "end", "commands"),
    [("\nslmgr.vbs: keys", "\nospp.vbs\n", SLMGR), ("\nospp.vbs\n", "\nVAMT\n", OSPP)],
    ids=["slmgr", "ospp"],
)
def test_every_command_has_a_row(start: str, end: str, commands: str) -> None:
    section = GUIDE.partition(start)[2].partition(end)[0]
    rows = " ".join(re.findall(r"^   \* - (.+)$", section, re.MULTILINE))
    named = set(re.findall(r"``/([\w-]+)", rows))
    assert sorted(set(commands.split()) - named) == []
    assert sorted(named - set(commands.split())) == []


def test_a_command_without_a_task_says_what_to_do() -> None:
    rows = re.findall(r"^   \* - (.+)\n     - ((?:.+\n(?:       .+\n)*))", GUIDE, re.MULTILINE)
    assert len(rows) > 80
    silent = [name for name, text in rows if "ot covered" in text and len(text) < len("Not covered: why, and what to run instead")]
    assert silent == []
