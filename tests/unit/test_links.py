# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links of all pages lead to a file and a heading, in the tarball too. Nothing is fetched. `make docs` checks references between guides."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
REPOSITORY = GALAXY["repository"]
RAW = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/") + "/main/"
READMES = (ROOT / "README.md", ROOT / "README.ja.md")
MARKDOWN = sorted(
    {
        path
        for pattern in ("*.md", "docs/**/*.md", "roles/*/README.md", "tests/lab/README.md", "extensions/**/*.md")
        for path in ROOT.glob(pattern)
    }
)
SOURCES = sorted(
    path
    for pattern in (
        "docs/docsite/**/*.*",
        "galaxy.yml",
        "meta/*.yml",
        "plugins/**/*.py",
        "plugins/**/*.yml",
        "roles/*/meta/*.yml",
        "tools/docsite/*.*",
    )
    for path in ROOT.glob(pattern)
)
EACH = pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))

_CODE = re.compile(r"^( *)(```|~~~).*?^\1\2", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_TARGET = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+?) *#*$", re.MULTILINE)
_ADDRESS = re.compile(r"https://(?:raw\.githubusercontent|github)\.com/[^\s)>\"'`\]]+[^\s)>\"'`\].,;:]")
_IN_REPOSITORY = re.compile(rf"{re.escape(REPOSITORY)}/(?:blob|tree|raw|edit)/main/")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def targets(page: Path) -> list[str]:
    """The targets of all links of a page in Markdown, but not what its code shows."""
    return ["".join(found) for found in _TARGET.findall(_CODE.sub("", text_of(page)))]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings: lower case, no punctuation, hyphens for spaces, a number for what is there twice."""
    found: dict[str, int] = {}
    anchored: set[str] = set()
    for heading in _HEADING.findall(_CODE.sub("", text_of(page))):
        visible = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        name = re.sub(r"[^\w\- ]", "", visible).replace(" ", "-")
        anchored.add(f"{name}-{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return anchored


def is_broken(path: Path, anchor: str) -> bool:
    """Whether a link to a file of the repository, or to a heading of it, leads nowhere."""
    if not path.exists() or not path.resolve().is_relative_to(ROOT):
        return True
    # GitHub shows the README of a folder below its files.
    if path.is_dir() and anchor == "readme":
        return not (path / "README.md").exists()
    return bool(anchor) and (path.suffix != ".md" or unquote(anchor) not in anchors(path))


def local(page: Path) -> list[tuple[str, Path, str]]:
    """The links of a page to files beside it: as written, the file, and the anchor."""
    links = [target for target in targets(page) if not re.match(r"[a-z]+:", target)]
    split = [(target, *target.partition("#")[::2]) for target in links]
    return [(target, page.parent / unquote(name) if name else page, anchor) for target, name, anchor in split]


def in_repository(text: str) -> list[tuple[str, Path, str]]:
    """The addresses of files of this repository in a text: as written, the file, and the anchor."""
    found = []
    for address in _ADDRESS.findall(text):
        inside = _IN_REPOSITORY.sub("", address) if _IN_REPOSITORY.match(address) else address.removeprefix(RAW)
        if inside != address:
            name, _hash, anchor = inside.partition("#")
            found.append((address, ROOT / unquote(name.partition("?")[0]), anchor))
    return found


def is_shipped(path: Path) -> bool:
    """Whether ansible-galaxy puts a file into the tarball: `build_ignore` excludes files, and folders with what is in them."""
    name = path.resolve().relative_to(ROOT)
    parts = [part.as_posix() for part in (name, *name.parents) if part != Path()]
    return not any(fnmatch(part, pattern) for part in parts for pattern in GALAXY["build_ignore"])


@EACH
def test_links_to_files_and_headings_of_the_repository_lead_somewhere(page: Path) -> None:
    links = [*local(page), *in_repository("\n".join(targets(page)))]
    assert [written for written, path, anchor in links if is_broken(path, anchor)] == []


@pytest.mark.parametrize("page", [page for page in MARKDOWN if is_shipped(page)], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_in_the_tarball_lead_to_files_in_the_tarball(page: Path) -> None:
    assert [written for written, path, _anchor in local(page) if not is_shipped(path)] == []


def test_addresses_of_the_repository_in_guides_and_documentation_lead_somewhere() -> None:
    found = [(path.relative_to(ROOT), *link) for path in SOURCES for link in in_repository(text_of(path))]
    assert len(found) > 3
    assert [(str(source), written) for source, written, path, anchor in found if is_broken(path, anchor)] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_links_of_the_readme_work_on_galaxy_too(readme: Path) -> None:
    """Galaxy shows the README without the repository around it: a link needs its whole address."""
    assert [target for target in targets(readme) if not target.startswith("https://")] == []
    guides = [path for _written, path, _anchor in in_repository("\n".join(targets(readme))) if path.suffix == ".rst"]
    assert len(guides) > 2
    assert [path for path in guides if not is_shipped(path)] == []


def test_the_readmes_link_to_each_other() -> None:
    for readme, other in (READMES, READMES[::-1]):
        assert f"{REPOSITORY}/blob/main/{other.name}" in targets(readme)


def test_addresses_of_the_project_agree_with_galaxy_yml() -> None:
    """One repository, whose issues and documentation are where galaxy.yml says."""
    assert (GALAXY["homepage"], GALAXY["issues"]) == (REPOSITORY, f"{REPOSITORY}/issues")
    assert not is_broken(ROOT / GALAXY["documentation"].removeprefix(f"{REPOSITORY}/tree/main/"), "")
    assert yaml.safe_load(text_of(ROOT / "docs" / "docsite" / "links.yml"))["edit_on_github"]["repository"] == "/".join(
        REPOSITORY.split("/")[-2:]
    )
    kinds = (*(f"{REPOSITORY}/{kind}/" for kind in ("blob/main", "tree/main", "issues", "security", "releases")), RAW)
    ours = {address for path in (*MARKDOWN, *SOURCES) for address in _ADDRESS.findall(text_of(path)) if "com/winops" in address}
    assert len(ours) > 10
    whole = {REPOSITORY, GALAXY["issues"], REPOSITORY.rpartition("/")[0], f"{REPOSITORY}.git,main"}
    assert sorted(address for address in ours - whole if not f"{address}/".startswith(kinds)) == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## Read `kms_host`", "read-kms_host"),
        ("## What, and why?", "what-and-why"),
        ("### 用語", "用語"),
        ("# A [link](b.md#c): d", "a-link-d"),
    ],
)
def test_anchors_are_made_as_github_makes_them(tmp_path: Path, heading: str, anchor: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{heading}\n\n```console\n# not a heading\n```\n\n{heading}\n", encoding="utf-8")
    assert anchors(page) == {anchor, f"{anchor}-1"}
