# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text names what a person has to look at, and the remedy that a document gives."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors

from .explained_codes import FAMILIES_FILE, ROOT, texts_of


@pytest.mark.parametrize(
    ("code", "context", "words"),
    [
        (0xC004F050, errors.KMS_HOST_KEY, ["update", "CSVLK"]),
        (0xC004F050, errors.KMS_CLIENT_KEY, ["product_key", "auto"]),
        (0xC004F050, errors.ACTIVATION_OBJECT, ["mistyped", "Volume License Pack"]),
        (0xC004E016, errors.ACTIVATION_OBJECT, ["mistyped", "Volume License Pack"]),
        (0xC004C003, errors.ACTIVATION_OBJECT, ["KMS host key", "run the task again"]),
        (0xC0020017, errors.MACHINE, ["WMI"]),
        (0x800706BA, errors.MACHINE, ["WMI"]),
        (0x8007232B, errors.PUBLISHING, ["zone"]),
    ],
)
def test_a_code_is_explained_by_what_windows_did(code: int, context: str, words: list[str]) -> None:
    general, found = errors.explain(code), errors.explain(code, context=context)
    text = " ".join(texts_of(found))
    assert [word for word in words if word not in text] == []
    assert (found.code, found.symbol, found.category, found.transient) == (
        general.code,
        general.symbol,
        general.category,
        general.transient,
    )
    assert found.next_steps != general.next_steps


def test_the_machine_itself_is_not_looked_for_on_the_port_of_kms_or_in_its_zone() -> None:
    for code in (0xC0020017, 0x800706BA):
        assert "1688" not in " ".join(texts_of(errors.explain(code, context=errors.MACHINE)))
    assert "lookup_domain" not in " ".join(texts_of(errors.explain(0x8007232B, context=errors.PUBLISHING)))


def test_a_code_without_words_for_a_context_has_its_general_ones() -> None:
    assert errors.explain(0xC004F069, context=errors.PUBLISHING) == errors.explain(0xC004F069)
    assert errors.explain(0xDEADBEEF, context=errors.MACHINE) == errors.explain(0xDEADBEEF)
    with pytest.raises(ValueError, match="invalid context 'office'"):
        errors.explain(0xC004F050, context="office")


def test_every_context_of_the_data_has_a_name_and_changes_something() -> None:
    data = json.loads((FAMILIES_FILE.parent / "errors.json").read_text(encoding="utf-8"))["codes"]
    assert set(json.loads(FAMILIES_FILE.read_text(encoding="utf-8"))["contexts"]) == set(errors.CONTEXTS)
    for code, entry in data.items():
        for context, texts in entry.get("contexts", {}).items():
            assert context in errors.CONTEXTS, code
            assert texts.keys() <= {"meaning", "cause", "next_steps"}, code
            for field, text in texts.items():
                assert text != entry[field], (code, context, field)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("0xC004F074", ["12288", "1688", "_vlmcs._tcp"]),
        ("0xC004F038", ["25", "5 servers", "KeyManagementServiceCurrentCount"]),
        ("0xC004F06C", ["w32tm", "UTC"]),
        ("0xC004F041", ["activated", "convert_kms_host"]),
        ("0xC004F069", ["DISM", "valuation"]),
        ("0xC004F066", ["0xC004F069"]),
        ("0xC004F065", ["0x4004F065"]),
        ("0xC004C008", ["six hosts", "ten activations"]),
        ("0xC004C020", ["Microsoft 365 admin center", "limit"]),
        ("0x8007232B", ["_vlmcs._tcp", "lookup_domain"]),
        ("0x8007267C", ["DNS server", "kms_host"]),
        ("0x800706BA", ["1688", "SRV"]),
        ("0x80070005", ["LocalAccountTokenFilterPolicy"]),
        ("0x8007000D", ["KB2230957"]),
        ("0xC004E002", ["tokens.dat", "KB978305"]),
        ("0x80072338", ["12293"]),
        ("0xC004F200", ["8209"]),
        ("0xC004FC07", ["180 days"]),
        ("0x80338029", ["activation_info"]),
    ],
)
def test_the_text_names_what_a_person_has_to_look_at(code: str, words: list[str]) -> None:
    text = " ".join(texts_of(errors.explain(code)))
    assert [word for word in words if word not in text] == []


def test_a_missing_marker_and_a_wrong_key_are_told_apart() -> None:
    steps = errors.explain("0xC004F035").next_steps
    assert any("Marker missing" in step and "MAK" in step for step in steps)
    assert any("Marker present" in step and "product_key auto" in step for step in steps)


# -- the codes that people meet, and that were missing or explained wrongly

MET = (
    "0x87E10BC6", "0x803F7001", "0x803F700D", "0x803FABB8", "0x8004FE33", "0xD0000272", "0xC0000272", "0xC0000022", "0xC03F6506",
    "0x800704CF", "0x80070643", "0x80096010", "0x80131501", "0x80131600", "0x803381A7", "1115", "0xC004F050", "0xC004F039", "0xC004F06C",
    "0xC004E015", "0xC0020017", "0x8007232B", "0xC004C032", "0x8004E108", "0xC004F022", "0xC0020036", "0x80080005", "0xC0EA000A",
    "0x803F8001",
)  # fmt: skip


@pytest.mark.parametrize("code", MET)
def test_a_code_that_people_meet_has_a_text_of_its_own(code: str) -> None:
    explanation = errors.explain(code)
    family = errors.families()[explanation.category]
    assert explanation.known
    assert explanation.source
    assert explanation.meaning != family["meaning"]
    assert "The symbol means" not in explanation.meaning


@pytest.mark.parametrize(
    ("code", "words", "not_words"),
    [
        ("0xC004F039", ["1688", "firewall"], []),
        ("0xC004F06C", ["clock"], ["A wrong time zone has"]),
        ("0xC004E015", ["tokens.dat", "/rilc"], []),
        ("0xC004F011", ["12321"], []),
        ("0x8004FE33", ["proxy", "telephone"], []),
        ("1115", ["wait_for_connection"], []),
        ("0x80096010", ["SHA-2"], []),
        ("0x80070643", ["Extended Security Updates"], []),
    ],
)
def test_a_code_names_the_remedy_that_helps(code: str, words: list[str], not_words: list[str]) -> None:
    text = " ".join(texts_of(errors.explain(code)))
    assert [word for word in words if word not in text] == []
    assert [word for word in not_words if word in text] == []


def test_every_code_of_the_list_of_cases_is_known() -> None:
    path = ROOT.parent / "shared" / "cases" / "codes.txt"
    if not path.exists():
        pytest.skip("codes.txt of the shared cases is not here")
    listed = re.findall(r"0x[0-9A-F]{8}", path.read_text(encoding="utf-8"))
    assert len(listed) > 15
    assert [code for code in listed if not errors.explain(code).known] == []
    assert [code for code in listed if "The symbol means" in errors.explain(code).meaning] == []


# -- the remedies of the documents this collection was made for

GUIDE = "Windows Volume Activation Operations Guide, table 2"
MAK_GUIDE = "Windows Volume Activation Operations Guide, table 3"
FAQ = "FAQ on volume activation of Office 2010"
KEY_ARTICLE = "article on product keys of Windows Server 2019"
HARDWARE_ARTICLE = "article on activating Windows 10 after a change of hardware"


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        (GUIDE, "0xC004F035", ["MAK", "retail key", "product_key auto"]),
        (GUIDE, "0xC004F038", ["cmid", "rearm"]),
        (GUIDE, "0x8007232D", ["write access", "by hand"]),
        (GUIDE, "0x80072338", ["write access", "all KMS hosts"]),
        (GUIDE, "0xC004F041", ["kms_client", "remove its SRV record", "restart"]),
        (GUIDE, "0xC004F074", ["12288", "explain_activation_error"]),
        (MAK_GUIDE, "0x80072EFD", ["firewall"]),
        (MAK_GUIDE, "0xC004C011", ["Licensing Activation Center", "agreement", "proof of purchase"]),
        (KEY_ARTICLE, "0xC004FC07", ["this edition", "used elsewhere", "install the key again", "telephone", "seller"]),
        (KEY_ARTICLE, "0xC004F069", ["edition", "/Set-Edition"]),
        (HARDWARE_ARTICLE, "0xC004C020", ["telephone", "installation ID", "confirmation ID", "limit"]),
        (FAQ, "0xC004C008", ["telephone", "Licensing Activation Center", "CSVLK"]),
        (FAQ, "0xC004C060", ["Licensing Activation Center", "new key"]),
        (FAQ, "0x800706BA", ["1688"]),
    ],
)
def test_the_steps_hold_the_remedy_that_a_document_gives(document: str, code: str, words: list[str]) -> None:
    steps = " ".join(errors.explain(code).next_steps)
    assert [word for word in words if word not in steps] == [], document
