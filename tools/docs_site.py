# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make docs`: build the HTML site with the guides and the reference pages, and fail if a reference in it leads nowhere.

The pages come from the collection as it is installed from its tarball, because that is what users have and what other documentation sites
build from. The build needs no network. `tools/docsite` contains the settings of Sphinx, the first lines of the index, and the style.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible
import yaml

from processes import run_main
from project import BIN, BUILD, ROOT, ToolError, environment, must

SETTINGS = ROOT / "tools" / "docsite"
BUILTIN = "collections/ansible/builtin"
"""The pages of the plugins of ansible-core, below the address of the documentation of Ansible."""

Labels = dict[str, tuple[str, str, str]]
"""The kind, the page, and the title of each label of another site."""

_GUIDE_SECTION = re.compile(r"^.+\n-+\n\n\.\. toctree::\n    :maxdepth: 1\n\n(?:    docsite/.*\n)+\n", re.MULTILINE)
_NOT_DESCRIBED = re.compile(r"(#role>`) --$", re.MULTILINE)
_TITLE = re.compile(r"^\S+\n=+$", re.MULTILINE)
_PLUGIN_PAGE = re.compile(r"(\w+)_(module|filter|lookup|role)\.rst")
_SOURCES = {
    "module": "plugins/modules/{}.py",
    "filter": "plugins/filter/{}.py",
    "lookup": "plugins/lookup/{}.py",
    "role": "roles/{}/meta/argument_specs.yml",
}


@dataclass(frozen=True)
class Site:
    """The folders of one build. Everything is below `target`, which the build replaces."""

    collection: Path
    target: Path
    head: Path = SETTINGS / "index.rst"
    """The first lines of the first page, before the lists of guides."""

    @property
    def work(self) -> Path:
        """What only the build needs. It is removed at the end."""
        return self.target / "work"

    @property
    def pages(self) -> Path:
        """The reStructuredText of all pages, to which the problems refer."""
        return self.target / "rst"

    @property
    def html(self) -> Path:
        """The site."""
        return self.target / "html"

    def environment(self) -> dict[str, str]:
        """Return an environment in which Ansible finds the installed collection, but neither the checkout nor others."""
        return environment(
            ANSIBLE_HOME=str(self.work / "home"),
            ANSIBLE_COLLECTIONS_PATH=str(self.work / "collections"),
            ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
        )

    def galaxy(self) -> dict[str, Any]:
        """Return the content of galaxy.yml."""
        found: dict[str, Any] = yaml.safe_load((self.collection / "galaxy.yml").read_text(encoding="utf-8"))
        return found


def prepare(site: Site) -> None:
    """Make the folders of the site anew."""
    shutil.rmtree(site.target, ignore_errors=True)
    for folder in (site.work, site.pages):
        folder.mkdir(parents=True)
    # antsibull-docs refuses a folder that other users can write to.
    site.pages.chmod(0o755)


def install(site: Site) -> Path:
    """Build the tarball, install it into an empty collections path, and return the folder of the installed collection."""
    galaxy, env, place = BIN / "ansible-galaxy", site.environment(), site.work / "collections"
    must(galaxy, "collection", "build", "--output-path", site.work, site.collection, env=env, quiet=True)
    (tarball,) = site.work.glob("*.tar.gz")
    must(galaxy, "collection", "install", "--offline", "--collections-path", place, tarball, env=env, quiet=True)
    return place.joinpath("ansible_collections", site.galaxy()["namespace"], site.galaxy()["name"])


def write_pages(site: Site) -> None:
    """Write the pages of antsibull-docs: every guide, module, filter, and role, and their index as `reference.rst`."""
    antsibull = (BIN / "antsibull-docs", "--config-file", ROOT / "tools" / "antsibull.cfg")
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", site.pages)
    must(*antsibull, "collection", *options, "{namespace}.{name}".format(**site.galaxy()), env=site.environment(), cwd=site.work)
    index = (site.pages / "index.rst").read_text(encoding="utf-8")
    (site.pages / "reference.rst").write_text(reference(index), encoding="utf-8")


def reference(index: str) -> str:
    """Return the index of antsibull-docs without the guides, which are on the first page, and with a title for readers.

    antsibull-docs describes a role by its entry point `main`, and leaves the description of a role without one empty.
    """
    title = "Modules, filters, and roles"
    described = _NOT_DESCRIBED.sub(
        r"\1 -- Several entry points, each for a step of the playbooks with this role", _GUIDE_SECTION.sub("", index)
    )
    return _TITLE.sub(f"{title}\n{'=' * len(title)}", described, count=1)


def toctree(caption: str, pages: list[str]) -> str:
    """Return the directive that lists pages under a caption, on the first page and in the sidebar of every page."""
    return "\n".join([".. toctree::", "   :maxdepth: 1", f"   :caption: {caption}", "", *(f"   {page}" for page in pages)])


def write_first_page(site: Site, installed: Path) -> None:
    """Write the first page: what the collection is, the guides in the groups of extra-docs.yml, and the reference."""
    extra = yaml.safe_load((installed / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    parts = [site.head.read_text(encoding="utf-8").rstrip("\n")]
    parts += [toctree(section["title"], [f"docsite/{name}" for name in section["toctree"]]) for section in extra["sections"]]
    parts.append(toctree("Reference", ["reference"]))
    (site.pages / "index.rst").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def builtin_labels() -> Labels:
    """Return the labels of the pages of the plugins that ansible-core has. The name of a file is the name of the plugin."""
    core = Path(ansible.__file__).parent
    found = [("module", path) for path in (core / "modules").glob("*.py")]
    found += [(path.parent.name, path) for path in (core / "plugins").glob("*/*.*") if path.suffix in (".py", ".yml")]
    pages = {f"{path.stem}_{kind}": f"ansible.builtin.{path.stem} {kind}" for kind, path in found if not path.stem.startswith("_")}
    return {f"ansible_collections.ansible.builtin.{page}": ("label", f"{BUILTIN}/{page}.html", title) for page, title in pages.items()}


def write_inventory(site: Site) -> None:
    """Write the labels of the documentation of Ansible that pages may refer to, in the format of intersphinx, version 2."""
    others: Labels = yaml.safe_load((SETTINGS / "ansible_labels.yml").read_text(encoding="utf-8"))["labels"]
    labels = builtin_labels() | others
    lines = "".join(f"{name} std:{kind} -1 {address} {title}\n" for name, (kind, address, title) in labels.items())
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: \n# The remainder of this file is compressed using zlib.\n"
    (site.work / "ansible.inv").write_bytes(head.encode() + zlib.compress(lines.encode()))


def run_sphinx(site: Site) -> list[str]:
    """Build the HTML and return the problems, one line each. Raises ToolError if Sphinx stops for another reason."""
    version, warnings = site.galaxy()["version"], site.work / "warnings.txt"
    # One process: several, with -j, do not find a label that two pages have.
    command: list[str | Path] = [BIN / "sphinx-build", "-q", "-b", "html", "-c", SETTINGS, "-d", site.work / "doctrees"]
    # -n: a reference that leads nowhere is a problem. -W: a problem is an error, after all pages were read.
    command += ["-n", "-W", "-w", warnings, f"-Dversion={version}", f"-Drelease={version}", site.pages, site.html]
    done = subprocess.run(command, env=site.environment(), cwd=site.work, capture_output=True, text=True, check=False)
    problems = warnings.read_text(encoding="utf-8").splitlines() if warnings.exists() else []
    if done.returncode and not problems:
        raise ToolError(f"exit code {done.returncode} from sphinx-build:\n{done.stderr}")
    return [located(line, site) for line in problems]


def located(problem: str, site: Site) -> str:
    """Return a problem with the file that must be corrected: the guide itself, or what a page was made from."""
    problem = problem.replace(f"{site.pages}/docsite/", "docs/docsite/rst/").replace(f"{site.pages}/", "")
    page = problem.partition(":")[0]
    if found := _PLUGIN_PAGE.fullmatch(page):
        return f"{problem} (the page is made from {_SOURCES[found[2]].format(found[1])})"
    if page == "index.rst":
        return f"{problem} (the page is made from tools/docsite/index.rst and docs/docsite/extra-docs.yml)"
    return problem


def build(site: Site) -> list[str]:
    """Build a site and return its problems."""
    prepare(site)
    try:
        installed = install(site)
        write_pages(site)
        write_first_page(site, installed)
        write_inventory(site)
        return run_sphinx(site)
    finally:
        shutil.rmtree(site.work, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--collection", type=Path, default=ROOT, help="the folder with galaxy.yml")
    parser.add_argument("--target", type=Path, default=BUILD / "docs", help="the folder of the site, which is replaced")
    chosen = parser.parse_args()
    site = Site(chosen.collection.resolve(), chosen.target.resolve())
    try:
        problems = build(site)
    except ToolError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    pages = len(list(site.pages.rglob("*.rst")))
    print(*problems, f"{site.html / 'index.html'}: {pages} pages, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    run_main(main)
