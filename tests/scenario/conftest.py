# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for each test file, with the estate the file names, at addresses that no other worker uses: two files may have one estate.

For two runs of the whole suite at once, one of them sets WINOPS_TEST_NETWORK to another second number of 127.41.0.0.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from playbook import Start, new_process
from winlab.client import running_lab
from winlab.simulation.bind import find_named

from .file_host import Keeper
from .harness import Lab, network
from .warm import WarmStarts

ESTATES = Path(__file__).parent / "estates"


@pytest.fixture(scope="session")
def warm_starts() -> Iterator[WarmStarts]:
    """Starts of ansible-playbook at a tenth of the price."""
    starts = WarmStarts()
    yield starts
    starts.close()


@contextmanager
def lab_with(estate: str, folder: Path, start: Start) -> Iterator[Lab]:
    """A lab with the estate of a file, whose runs leave their files in a folder."""
    original = ESTATES / estate
    if find_named() is None and yaml.safe_load(original.read_text(encoding="utf-8")).get("dns") != "none":
        pytest.skip("needs named (Debian: bind9)")
    copy = folder / original.name
    copy.write_text(original.read_text(encoding="utf-8").replace("127.41.", f"127.{network()}."), encoding="utf-8")
    with running_lab(copy, run_dir=folder / "lab") as (client, inventory):
        yield Lab(client, inventory, folder, start)


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, warm_starts: WarmStarts) -> Iterator[Lab]:
    """The lab with the estate that the test file names as ESTATE, or a test as its parameter."""
    estate = str(getattr(request, "param", None) or request.module.ESTATE)
    is_real = getattr(request.module, "REAL_STARTS", False) or os.environ.get("WINOPS_REAL_STARTS")
    with lab_with(estate, tmp_path_factory.mktemp(Path(estate).stem), new_process if is_real else warm_starts) as found:
        yield found


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    """A machine that keeps files, without any yet."""
    found = Keeper(tmp_path / "keeper")
    found.folder.mkdir()
    found.inventory()
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs ansible-playbook against the lab. What takes long begins first, so that no worker is left alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.scenario)
