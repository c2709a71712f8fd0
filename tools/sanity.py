# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run `ansible-test sanity` on a copy of the collection, without Galaxy and without the download server of Ansible.

ansible-test requires a path that ends in ansible_collections/<namespace>/<name> and refuses a symlinked checkout, so this tool makes a
copy. ansible-test creates a virtual environment for each test and downloads the installer of pip. A script in its cache replaces this
installer by ensurepip, so that only the package index is used.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import sys
from pathlib import Path

from project import BIN, BUILD, LINKED, NAME, NAMESPACE, ROOT, ToolError, environment, run, site_packages

TREE = BUILD / "sanity" / "ansible_collections" / NAMESPACE / NAME
HOME = ROOT / ".ansible" / "sanity"
COPIED = (*LINKED, "CHANGELOG.md", "bindep.txt", "changelogs", "requirements.txt")
COPIED_TESTS = ("config.yml", "sanity")
NEEDS_POWERSHELL = "pslint"
NEEDS_SHELLCHECK = "shellcheck"

GET_PIP = """\
import subprocess, sys
sys.exit(subprocess.call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL))
"""


def copy_tree() -> None:
    """Create a new copy, without files that were removed from the checkout."""
    shutil.rmtree(TREE, ignore_errors=True)
    TREE.mkdir(parents=True)
    pairs = [(ROOT / name, TREE / name) for name in COPIED]
    pairs += [(ROOT / "tests" / name, TREE / "tests" / name) for name in COPIED_TESTS]
    for source, target in pairs:
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".plugin-cache.yaml"))
        elif source.exists():
            shutil.copy2(source, target)


def plant_get_pip(home: Path, packages: Path) -> None:
    """Write the installer into the cache of ansible-test. Its name contains the pip version of this ansible-core."""
    source = packages / "ansible_test" / "_internal" / "python_requirements.py"
    versions = re.findall(r"""['"](\d\d\.\d(?:\.\d)?)['"]""", source.read_text(encoding="utf-8"))
    if not versions:
        raise ToolError(f"no pip version found in {source}")
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in set(versions):
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")


def write_pip_settings(home: Path) -> None:
    """Write the pip settings of this environment into a file, because ansible-test passes only few variables to pip."""
    settings = configparser.RawConfigParser()
    user_home = Path.home()
    settings.read([user_home / ".pip" / "pip.conf", user_home / ".config" / "pip" / "pip.conf"], encoding="utf-8")
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings.set("global", name.removeprefix("PIP_").lower().replace("_", "-"), value)
    proxy = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if proxy:
        settings.set("global", "proxy", proxy)
    settings.set("global", "cache-dir", os.environ.get("XDG_CACHE_HOME", str(user_home / ".cache")) + "/pip")
    settings.set("global", "quiet", "2")
    target = home / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        settings.write(file)
    # The address of a proxy or an index can contain a password.
    target.chmod(0o600)


def main() -> int:
    copy_tree()
    plant_get_pip(HOME, site_packages(ROOT / ".venv"))
    write_pip_settings(HOME)
    # Without the content root, ansible-test uses the repository around the copy, in which build/ is ignored.
    env = environment(HOME=str(HOME), ANSIBLE_TEST_CONTENT_ROOT=str(TREE))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    skipped = [f"--skip-test={name}" for name in (NEEDS_POWERSHELL, NEEDS_SHELLCHECK)]
    options = ["--color", "no", "--requirements", "--python", version, *skipped, *sys.argv[1:]]
    return run(BIN / "ansible-test", "sanity", *options, cwd=TREE, env=env)


if __name__ == "__main__":
    sys.exit(main())
