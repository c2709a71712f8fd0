# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pythons and versions of ansible-core that are too old: the first sentence says so, whatever part of the collection is used first."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.module_utils import _baseline
from ansible_collections.winops.volume_activation.plugins.module_utils._errors import InternalError

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = ROOT / "plugins"
BASELINE = PLUGINS / "module_utils" / "_baseline.py"
PYTHON_MODULES = ("kms_endpoint_info", "kms_srv_record", "kms_srv_record_info", "mak_activations_info", "mak_confirmation_id")
MODULES = tuple(PLUGINS / "modules" / f"{name}.py" for name in PYTHON_MODULES)
ENTRIES = (*(path for kind in ("action", "filter", "lookup") for path in sorted((PLUGINS / kind).glob("*.py"))), *MODULES)
OLD_PYTHONS = ("3.6", "3.7", "3.8", "3.9")
SENTENCE = "winops.volume_activation requires ansible-core 2.16 or later and Python 3.10 or later, but this is "
WITHOUT_IMPORTS_OF_OURS = ("doc_fragments",)
"""Files that hold text and nothing else."""


@pytest.mark.parametrize(
    ("python", "ansible", "found"),
    [
        ((3, 9, 18), "2.15.13", "ansible-core 2.15.13 on Python 3.9.18."),
        ((3, 11, 2), "2.15.0", "ansible-core 2.15.0 on Python 3.11.2."),
        ((3, 9, 2), "2.16.1", "ansible-core 2.16.1 on Python 3.9.2."),
        ((2, 7, 18), "2.9.27", "ansible-core 2.9.27 on Python 2.7.18."),
        ((3, 6, 15), "", "Python 3.6.15 ("),
    ],
)
def test_what_is_too_old_is_named_with_what_is_needed(python: tuple[int, ...], ansible: str, found: str) -> None:
    assert _baseline.version_problem(python, ansible).startswith(f"{SENTENCE}{found}")


@pytest.mark.parametrize(
    ("python", "ansible"), [((3, 10, 0), "2.16.0"), ((3, 13, 1), "2.21.5"), ((3, 12), "2.22.0.dev0"), ((3, 10), ""), ((4, 0), "3.0")]
)
def test_what_is_supported_is_no_complaint(python: tuple[int, ...], ansible: str) -> None:
    assert _baseline.version_problem(python, ansible) == ""


def test_the_versions_are_those_the_collection_declares() -> None:
    declared = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert declared == f">={'.'.join(map(str, _baseline.OLDEST_ANSIBLE))}.0"
    assert f'target-version = "py{"".join(map(str, _baseline.OLDEST_PYTHON))}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_file_that_says_it_parses_on_python_3_6_and_imports_nothing_of_ours() -> None:
    tree = ast.parse(BASELINE.read_text(encoding="utf-8"), feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {(node.module, node.level) for node in imports} == {("ansible.errors", 0), ("ansible.release", 0)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_that_run_on_targets_parse_on_python_3_6(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__ import" not in source, "Python 3.6 does not know annotations as a feature"


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_plugin_parses_on_python_3_8_and_looks_at_the_versions_first(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    ours = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    ours = [node for node in ours if (node.module or "").partition(".")[0] not in WITHOUT_IMPORTS_OF_OURS]
    first = min(ours, key=lambda node: node.lineno)
    assert (first.module, [alias.name for alias in first.names]) == ("module_utils", ["_baseline"])
    before = [node for node in tree.body if node.lineno < first.lineno]
    assert all(isinstance(node, (ast.Expr, ast.Assign, ast.Import, ast.ImportFrom)) for node in before)


def test_its_error_has_the_keys_of_every_error() -> None:
    """It cannot import them: nothing of the collection can be read there."""
    source = BASELINE.read_text(encoding="utf-8")
    assert all(f'"{key}": ' in source for key in InternalError("module", ValueError()).explain().as_dict())


def find_old_python(version: str) -> Path:
    """A Python of this version, on the PATH or held by pyenv; skips the test where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(f"python{version}")
    for candidate in [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))]:
        if subprocess.run([candidate, "-c", ""], check=False, capture_output=True).returncode == 0:
            return candidate
    pytest.skip(f"no Python {version} here")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Python and Ansible find the collection."""
    folder = tmp_path_factory.mktemp("collections")
    (folder / "ansible_collections" / "winops").mkdir(parents=True)
    (folder / "ansible_collections" / "winops" / "volume_activation").symlink_to(ROOT)
    return folder


def run_old(python: Path, tree: Path, program: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, timeout=60, env=env)


@pytest.mark.parametrize("version", OLD_PYTHONS)
def test_a_module_on_an_old_python_answers_with_a_result_and_no_traceback(version: str, tree: Path) -> None:
    name = "ansible_collections.winops.volume_activation.plugins.modules.kms_endpoint_info"
    program = f"import runpy; runpy.run_module({name!r}, run_name='__main__', alter_sys=True)"
    done = run_old(find_old_python(version), tree, program)
    assert (done.returncode, done.stderr) == (1, "")
    result = json.loads(done.stdout)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unsupported_version")
    assert result["msg"].startswith(f"{SENTENCE}Python {version}.")
    assert result["error"]["next_steps"][0] in result["msg"]
    assert "unsupported_version" in result["msg"]


@pytest.mark.parametrize("version", [version for version in OLD_PYTHONS if version != "3.6"])
@pytest.mark.parametrize("plugin", ["action.kms_host", "action.kms_srv_record", "action.activation_check", "filter.proxy_report"])
def test_a_plugin_on_an_old_python_says_so_before_anything_else_of_it_is_imported(plugin: str, version: str, tree: Path) -> None:
    program = (
        "import importlib, sys\n"
        f"try: importlib.import_module('ansible_collections.winops.volume_activation.plugins.{plugin}')\n"
        "except Exception as error: sys.stdout.write(str(error))"
    )
    done = run_old(find_old_python(version), tree, program)
    assert done.stderr == ""
    assert done.stdout.startswith(f"{SENTENCE}Python {version}.")


def old_ansible() -> Path:
    """ansible-playbook of a version that is too old: of WINOPS_OLD_ANSIBLE, or where `make matrix` keeps it."""
    named = os.environ.get("WINOPS_OLD_ANSIBLE")
    found = [Path(named)] if named else sorted((ROOT / "build" / "matrix").glob("core-2.15-*/bin/ansible-playbook"))
    if not found:
        pytest.skip("no ansible-core 2.15 here: 'make matrix' makes one, or name its ansible-playbook in WINOPS_OLD_ANSIBLE")
    return found[0]


TASKS: dict[str, dict[str, Any]] = {
    "an action": {"winops.volume_activation.activation_info": {}},
    "a module": {"winops.volume_activation.kms_endpoint_info": {"endpoints": ["127.41.17.9:1688"]}},
    "a filter": {"ansible.builtin.debug": {"msg": "{{ '0xC004F074' | winops.volume_activation.explain_activation_error }}"}},
}


@pytest.mark.parametrize("what", TASKS)
def test_an_old_ansible_core_ends_with_the_sentence_and_without_a_traceback(what: str, tree: Path, tmp_path: Path) -> None:
    playbook = [{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": [{"name": "Do it", **TASKS[what]}]}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
    program = old_ansible()
    env = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ANSIBLE_COLLECTIONS_PATH": str(tree),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        [program, "-vvv", "-i", "w10,", "-e", "ansible_connection=local", "play.yml"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert f"{SENTENCE}ansible-core 2.15." in told
    assert "Traceback" not in told
    assert "SyntaxError" not in told


def test_this_python_and_this_ansible_core_are_supported() -> None:
    assert _baseline.version_problem(tuple(sys.version_info[:3]), _baseline._ansible_version) == ""
