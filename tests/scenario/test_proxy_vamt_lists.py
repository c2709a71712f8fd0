# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site is activated with confirmation IDs that come back in a list of VAMT, without a single name in it.

The desk stands for VAMT: it reads and writes the list with Python's own XML, and shares no code with the collection. No list of a real
VAMT was at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from key_gate import assert_no_keys

from .harness import FQCN, Lab, Results
from .proxy_by_hand import collect, count, deposit, failed, licensed, report_of, statuses, table

pytestmark = pytest.mark.slow

ESTATE = "proxy_vamt_lists.yml"
KEY = "MMMMM-KKKKK-MMMMM-66666-77777"
LINE = [f"LINE-{number}" for number in range(1, 5)]
HALL = ["HALL-1", "HALL-2"]
OF_ANOTHER_SITE = f"<Computer Name='OTHER'><Products><Product><InstallationId>{'0' * 54}</InstallationId></Product></Products></Computer>"
"""VAMT lists a machine for which nobody needs a confirmation ID."""


@dataclass(frozen=True)
class Site:
    """What went through each file."""

    kept: Path
    sent: Path
    returned: Path


@pytest.fixture(scope="module")
def site(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    made = Site(folder / "site.csv", folder / "site.cil", folder / "from_vamt.cilx")
    assert failed(collect(lab, "site", made.kept, KEY)) == set()
    lab.playbook([list_play(made)])
    answer(lab, made.sent, made.returned)
    return made


@pytest.fixture(scope="module")
def deposited(lab: Lab, site: Site) -> Results:
    return deposit(lab, ":".join(LINE), site.kept, proxy_activation_returned=[str(site.returned)])


def list_play(site: Site) -> dict[str, Any]:
    """The play of the guide."""
    values = {
        "records": f"{{{{ lookup('ansible.builtin.file', '{site.kept}', rstrip=false) | {FQCN}.from_proxy_file }}}}",
        "waiting": "{{ records | selectattr('confirmation_id', 'equalto', '') }}",
    }
    content = f"{{{{ waiting | {FQCN}.to_proxy_file('cil') | string }}}}"
    task = {"ansible.builtin.copy": {"content": content, "dest": str(site.sent), "mode": "0600"}, "vars": values}
    return {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}


def answer(lab: Lab, source: Path, target: Path) -> None:
    """The desk asks for every installation ID, turns the order around, and writes the list anew with the byte order mark of Windows."""
    root = ElementTree.parse(source).getroot()
    for product in root.iter("Product"):
        found = product.find("InstallationId")
        assert found is not None
        ElementTree.SubElement(product, "ConfirmationId").text = lab.client.phone(str(found.text))
        ElementTree.SubElement(product, "LicenseStatus").text = "2"
    (computers,) = root
    computers.append(ElementTree.fromstring(OF_ANOTHER_SITE))
    computers[:] = reversed(list(computers))
    target.write_bytes(b"\xef\xbb\xbf" + ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def test_list_has_every_installation_id_and_no_name(site: Site) -> None:
    text = site.sent.read_text(encoding="utf-8")
    listed = {str(found.text) for found in ElementTree.fromstring(text).iter("InstallationId")}
    assert listed == {row["installation_id"].replace("-", "") for row in table(site.kept)}
    assert len(listed) == len(LINE + HALL)
    assert [name for name in (*LINE, *HALL, KEY[-5:]) if name in text] == []
    assert_no_keys(text, extra_keys=[KEY])


def test_answers_find_their_machines_by_the_installation_id(lab: Lab, deposited: Results) -> None:
    assert {name: status for name, status in statuses(deposited).items() if name in LINE} == dict.fromkeys(LINE, "activated")
    assert [licensed(lab, name) for name in LINE] == [True] * len(LINE)
    assert_no_keys(deposited.output, extra_keys=[KEY])


def test_kept_file_has_its_names_and_all_answers(site: Site, deposited: Results) -> None:
    del deposited
    rows = {row["machine"]: row for row in table(site.kept)}
    assert set(rows) == {*LINE, *HALL}
    assert [name for name, row in rows.items() if not row["confirmation_id"] or row["partial_product_key"] != KEY[-5:]] == []


def test_second_run_deposits_nothing(lab: Lab, site: Site, deposited: Results) -> None:
    del deposited
    before = site.kept.read_bytes()
    again = deposit(lab, ":".join(LINE), site.kept, proxy_activation_returned=[str(site.returned)])
    assert [again.writes(name) for name in LINE] == [0] * len(LINE)
    assert site.kept.read_bytes() == before


def test_list_alone_is_enough_for_machines_that_show_their_id(lab: Lab, site: Site, tmp_path: Path) -> None:
    done = deposit(lab, ":".join(HALL), tmp_path / "another.csv", proxy_activation_returned=[str(site.returned)])
    assert {name: status for name, status in statuses(done).items() if name in HALL} == dict.fromkeys(HALL, "activated")
    assert count(done)["activated"] == len(HALL)
    assert report_of(done)["problems"] == []


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (f"<ProductKey>{KEY}</ProductKey>", "from_vamt.cilx: element <ProductKey> in line 1 contains a full product key"),
        ("<!-- x --><a:b/>", "from_vamt.cilx: the list of VAMT is not well-formed XML"),
    ],
)
def test_list_that_cannot_be_used_is_refused_before_anything_is_sent(lab: Lab, tmp_path: Path, inside: str, words: str) -> None:
    returned = tmp_path / "from_vamt.cilx"
    returned.write_text(f"<SoftwareLicensingData><Product>{inside}</Product></SoftwareLicensingData>", encoding="utf-8")
    refused = deposit(lab, "spare", tmp_path / "spare.csv", proxy_activation_returned=[str(returned)])
    assert words in " ".join(refused.output.split())
    assert refused.nothing_sent("SPARE")
    assert not (tmp_path / "spare.csv").exists()
    assert_no_keys(refused.output, extra_keys=[KEY])


def test_list_is_not_a_file_to_keep(lab: Lab, site: Site, tmp_path: Path) -> None:
    kept = tmp_path / "kept.xml"
    kept.write_bytes(site.sent.read_bytes())
    refused = collect(lab, "spare", kept, KEY)
    assert "kept.xml: this is a list of VAMT" in " ".join(refused.output.split())
    assert refused.nothing_sent("SPARE")
    assert kept.read_bytes() == site.sent.read_bytes()
