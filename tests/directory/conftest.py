# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forest of Samba for each file of tests: the domain is made once for all of them, and each file starts a copy; skipped without Samba."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from needed import need_library
from samba_directory import SambaDirectory, Template, need_samba, shared_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The domain, which is not running."""
    need_samba()
    need_library("gssapi", "krb5")
    base = tmp_path_factory.getbasetemp()
    # Workers have folders of their own below the one of the run.
    shared = base.parent if base.name.startswith("popen-") else base
    with shared_template(shared / "forest") as made:
        yield made


@pytest.fixture(scope="module")
def forest(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SambaDirectory]:
    """A running domain controller."""
    server = SambaDirectory(template, tmp_path_factory.mktemp("forest") / "dc1")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(forest: SambaDirectory, monkeypatch: pytest.MonkeyPatch) -> SambaDirectory:
    """The same, with the environment of a client that knows the realm and has no ticket."""
    monkeypatch.setenv("KRB5_CONFIG", str(forest.krb5_conf))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{forest.folder}/no-cache")
    return forest
