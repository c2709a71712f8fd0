# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's copies of facts against the shared facts and real captures, where those are at hand."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from winlab.simulation import eventlog, facts, slmgr_text
from winlab.simulation.estate import Estate
from winlab.simulation.schema import licensing_class

REPO_ROOT = Path(__file__).resolve().parents[4]
SHARED = REPO_ROOT.parent / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared facts are not beside the repository")


@needs_shared
def test_the_lab_has_the_shared_facts_as_they_are_now() -> None:
    spec = importlib.util.spec_from_file_location("make_data", REPO_ROOT / "tests" / "lab" / "tools" / "make_data.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for name, made in (("wmi_classes", tool.classes()), ("setup_keys", tool.setup_keys()), ("events", tool.events())):
        assert json.loads((facts.DATA / f"{name}.json").read_text("utf-8")) == json.loads(json.dumps(made)), name


@needs_shared
def test_the_operating_system_has_the_properties_a_real_server_sent(estate_of: Callable[[str], Estate], remote: Any) -> None:
    estate = estate_of("dns: none\nmachines: [{name: s, address: 127.56.0.1, os: Server 2012 Standard}]")
    tree = ElementTree.parse(SHARED / "captures" / "enumerate_2012_one_instance_complete.xml")
    namespace = "{http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_OperatingSystem}"
    (real,) = tree.iter(f"{namespace}Win32_OperatingSystem")
    ours = remote(estate, "s").query("SELECT * FROM Win32_OperatingSystem")[0]
    assert {child.tag.removeprefix(namespace) for child in real} == set(ours)
    for name in (
        "Caption",
        "Version",
        "BuildNumber",
        "OperatingSystemSKU",
        "OSType",
        "ProductType",
        "OSLanguage",
        "Locale",
        "SystemDirectory",
    ):
        assert str(ours[name]) == (real.findtext(f"{namespace}{name}")), name


@needs_shared
def test_the_japanese_labels_are_those_of_the_document() -> None:
    (document,) = SHARED.glob("seeds/002_*.txt")
    text = document.read_text("utf-8")
    quoted = ("name", "description", "activation_id", "application_id", "pid", "iid", "processor_url", "machine_url", "use_url", "key_url",
              "partial", "status_1", "vl_expires", "evaluation_end", "windows_rearms", "trusted_time", "kms_client", "cmid", "kms_dns",
              "kms_pid", "activation_interval", "renewal_interval", "caching_on", "kms_host", "current_count", "listening", "publishing_on",
              "priority_normal", "requests", "requests_total", "requests_failed", "requests_0", "requests_1", "requests_2", "requests_3",
              "requests_4", "requests_5")  # fmt: skip
    for name in quoted:
        label = slmgr_text.TEXTS[name]["ja"].split("{}", maxsplit=1)[0].rstrip()
        assert label in text, name


DOCUMENT = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab, language: ja}
    kms_hosts: [{name: host, address: 127.56.0.1, os: Server 2008 R2 Enterprise, host_key: Server 2008 R2 C, outside_clients: 60}]
    machines: [{name: client, address: 127.56.0.2, os: Windows 7 Enterprise, state: kms_licensed}]
"""


@needs_shared
@pytest.mark.parametrize(
    ("number", "machine", "option", "more", "less"),
    [
        (0, "client", "/dli", [], []),
        (1, "host", "/dli", [], []),
        # The sample is of a pre-release that had an end of evaluation, and leaves out the first line.
        (2, "host", "/dlv", ["ソフトウェア ライセンス サービスのバージョン"], ["評価期間の終了日"]),
    ],
)
def test_slmgr_prints_the_lines_of_the_document_in_their_order(
    estate_of: Callable[[str], Estate], remote: Any, *, number: int, machine: str, option: str, more: list[str], less: list[str]
) -> None:
    (document,) = SHARED.glob("seeds/002_*.txt")
    sample = re.findall(r"(?ms)^名前: .*?(?=^次の|^詳細な|^注)", document.read_text("utf-8"))[number]
    printed = remote(estate_of(DOCUMENT), machine).run(f"cscript //nologo slmgr.vbs {option}").stdout
    ours, theirs = ([_label(line) for line in text.splitlines() if line.strip()] for text in (printed, sample))
    assert [label for label in ours if label not in more] == [label for label in theirs if label not in less]
    assert set(more) <= set(ours)


def _label(line: str) -> str:
    """A line without what differs from machine to machine; one line of the document has no colon before its number."""
    return re.split(r":| \d+$", line.strip())[0]


def test_every_text_is_there_in_both_languages() -> None:
    for texts in (*slmgr_text.TEXTS.values(), *slmgr_text.ERRORS.values(), *eventlog.MESSAGES.values()):
        assert set(texts) == {"en", "ja"}
        assert texts["en"].count("{") == texts["ja"].count("{")
        assert all(f"%{number}" in texts["ja"] for number in range(1, 5) if f"%{number}" in texts["en"])
    assert set(eventlog.MESSAGES) <= set(facts.events())


@pytest.mark.parametrize(
    ("version", "service", "product"), [((6, 1, 7601), 32, 44), ((6, 2, 9200), 35, 56), ((6, 3, 9600), 38, 61), ((10, 0, 26100), 44, 61)]
)
def test_a_release_has_as_many_properties_as_the_facts_give_it(version: tuple[int, ...], service: int, product: int) -> None:
    found = [licensing_class(name, version) for name in ("SoftwareLicensingService", "SoftwareLicensingProduct")]
    assert [len(cim.properties) for cim in found if cim is not None] == [service, product]


def test_vista_has_the_old_classes_only() -> None:
    product = licensing_class("SoftwareLicensingProduct", (6, 0, 6002))
    assert product is not None
    assert len(product.properties) == 18
    assert {method.name for method in product.methods.values()} == {"Activate", "DepositOfflineConfirmationId", "UninstallProductKey"}
    assert licensing_class("SoftwareLicensingTokenActivationLicense", (6, 0, 6002)) is None
