# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code is explained, in our own words, and what is not known is not pretended."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors

ROOT = Path(__file__).resolve().parents[5]
SHARED = ROOT.parent / "shared" / "data"
FAMILIES_FILE = ROOT / "plugins" / "plugin_utils" / "_licensing" / "catalog" / "data" / "errors_families.json"
UINT32 = st.integers(min_value=0, max_value=0xFFFFFFFF)
ERROR_KEYS = ["code", "symbol", "meaning", "cause", "next_steps", "category", "source", "transient", "known", "subcode", "underlying"]


def shared(name: str) -> Any:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} of the shared facts is not here")
    return json.loads(path.read_text(encoding="utf-8"))


def texts_of(explanation: errors.ErrorExplanation) -> list[str]:
    return [explanation.meaning, explanation.cause, *explanation.next_steps]


def all_explanations() -> list[errors.ErrorExplanation]:
    return [errors.explain(code) for code in errors.known_codes()]


def words_of(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9_]+", text.lower()))


# -- the catalog against the facts it was made from


def test_every_code_of_the_facts_has_the_same_symbol_and_transient_flag() -> None:
    rows = shared("error_codes.json")
    assert len(rows) >= 374
    for row in rows:
        explanation = errors.explain(row["code"])
        assert explanation.known, row["code"]
        assert (explanation.code, explanation.transient) == (row["code"], row["transient"])
        # In the facts a name in brackets is a remark where the headers have no symbol.
        if not row["name"].startswith("("):
            assert explanation.symbol == row["name"].split()[0]


def test_a_code_without_a_public_symbol_has_none_and_no_text_for_it() -> None:
    nameless = [row["code"] for row in shared("error_codes.json") if row["name"].startswith("(") and "alias of" not in row["name"]]
    assert len(nameless) >= 3
    assert {errors.explain(code).symbol for code in nameless} == {None}
    assert {errors.explain(code).label for code in nameless} == {errors.explain(code).code for code in nameless}


def test_every_symbol_of_the_header_is_known() -> None:
    names: dict[str, str] = shared("sl_error_names.json")["names"]
    assert len(names) >= 408
    assert {code: errors.explain(code).symbol for code in names} == names


def test_no_sentence_of_the_facts_was_copied() -> None:
    ours = [words_of(text) for explanation in all_explanations() for text in texts_of(explanation)]
    page = "\n".join(ours)
    compared = 0
    for row in shared("error_codes.json"):
        for field in ("message", "cause", "remedy"):
            for sentence in re.split(r"[.;:]\s|\n", row.get(field) or ""):
                words = words_of(sentence)
                if len(words.split()) > 5:
                    compared += 1
                    assert words not in page, f"{row['code']} {field}: {sentence}"
    assert compared > 50


# -- the texts


def test_every_entry_is_complete_and_readable() -> None:
    for explanation in all_explanations():
        assert 1 <= len(explanation.next_steps) <= 4, explanation.code
        assert explanation.category in errors.families(), explanation.code
        for text in texts_of(explanation):
            assert text == text.strip(), explanation.code
            assert text[0].isupper() or text.startswith(("sppsvc", "slmgr", "osppsvc", "tokens.dat")), (explanation.code, text)
            assert text.endswith((".", "'.", ")")), (explanation.code, text)
            assert len(text.split()) >= 3 or text == "No error.", (explanation.code, text)


def test_many_codes_have_a_text_of_their_own() -> None:
    own = [explanation for explanation in all_explanations() if errors.has_own_text(explanation.code)]
    assert len(own) >= 200
    for explanation in own:
        family = errors.families()[explanation.category]
        assert explanation.meaning != family["meaning"], explanation.code
        assert explanation.cause != family["cause"], explanation.code
        assert list(explanation.next_steps) != family["next_steps"], explanation.code


def test_the_facts_have_at_least_ninety_codes_with_a_text_of_their_own() -> None:
    own = [row["code"] for row in shared("error_codes.json") if errors.has_own_text(row["code"])]
    assert len(own) >= 150


@pytest.mark.parametrize("category", ["kms_contact", "kms_host", "kms_count", "dns", "clock", "permission", "phone", "ad", "rearm", "vm"])
def test_the_families_people_meet_have_no_borrowed_text(category: str) -> None:
    borrowed = [e.code for e in all_explanations() if e.category == category and not errors.has_own_text(e.code)]
    assert borrowed == []


def test_a_code_with_borrowed_text_still_names_what_its_symbol_says() -> None:
    explanation = errors.explain("0xC004C011")
    assert not errors.has_own_text(explanation.code)
    assert "invalid binding uri" in explanation.meaning
    assert explanation.next_steps == tuple(errors.families()["online_service"]["next_steps"])


@pytest.mark.parametrize(
    ("code", "context", "words"),
    [
        (0xC004F050, errors.KMS_HOST_KEY, ["update", "CSVLK"]),
        (0xC004F050, errors.KMS_CLIENT_KEY, ["product_key", "auto"]),
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


def test_meanings_differ_between_codes() -> None:
    own = [e.meaning for e in all_explanations() if errors.has_own_text(e.code)]
    # The cloud form and the old form of a few codes say the same thing in the same words.
    assert len(set(own)) >= len(own) - 8


def test_key_errors_are_never_worth_a_retry() -> None:
    assert [e.code for e in all_explanations() if e.category == "key" and e.transient] == []


def test_no_full_product_key_is_in_the_catalog() -> None:
    for path in FAMILIES_FILE.parent.glob("errors*.json"):
        assert not re.search(r"[A-Za-z0-9]{5}(-[A-Za-z0-9]{5}){4}", path.read_text(encoding="utf-8")), path.name


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


# -- spellings of a code


@given(UINT32)
def test_every_spelling_of_a_code_is_the_same_code(number: int) -> None:
    signed = number - (1 << 32) if number >= 1 << 31 else number
    spellings: list[int | str] = [number, signed, str(number), str(signed), f"0x{number:08X}", f"0x{number:x}", f" 0X{number:08x}\n"]
    assert {errors.parse_code(spelling) for spelling in spellings} == {number}
    assert errors.parse_code(errors.format_code(number)) == number
    assert errors.explain(signed) == errors.explain(number) == errors.explain(f"0x{number:08X}")


def test_eight_hexadecimal_digits_need_no_prefix_when_one_is_a_letter() -> None:
    assert errors.parse_code("c004f074") == 0xC004F074


def test_eight_decimal_digits_are_decimal_and_the_slip_is_pointed_out() -> None:
    explanation = errors.explain("80070005")
    assert explanation.code == "0x04C5C575"
    assert "0x80070005" in explanation.next_steps[0]


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "0x",
        "0x1C004F074",
        "C004F0",
        "KMS",
        "12 34",
        "1e5",
        "-0x1",
        "4294967296",
        "-2147483649",
        1 << 32,
        -(1 << 31) - 1,
        "\uff11\uff12",
    ],
)
def test_what_is_no_code_is_refused_with_a_sentence(value: int | str) -> None:
    with pytest.raises(ValueError, match=r"error code|32 bits"):
        errors.parse_code(value)


@pytest.mark.parametrize("value", [True, None, 3.0, [5], {"code": 5}, b"0x5"])
def test_values_of_other_types_are_refused_by_name(value: Any) -> None:
    with pytest.raises(ValueError, match=type(value).__name__):
        errors.explain(value)


# -- codes that are not in the catalog


@given(UINT32)
def test_every_number_gets_an_explanation_that_is_honest_about_what_is_known(number: int) -> None:
    explanation = errors.explain(number)
    listed = {int(code, 16) for code in errors.known_codes()}
    assert explanation.code == f"0x{number:08X}"
    is_ntstatus = number >> 28 == 0xD and number & ~0x10000000 in listed
    assert explanation.known == (number in listed or (number <= 0xFFFF and number | 0x80070000 in listed) or is_ntstatus)
    assert all(texts_of(explanation))
    assert 1 <= len(explanation.next_steps) <= 4
    assert "{" not in " ".join(explanation.next_steps)
    if not explanation.known:
        assert "not in this collection's catalog" in explanation.meaning
        assert not explanation.transient


def test_the_ranges_leave_no_number_out_and_name_known_families() -> None:
    ranges = json.loads(FAMILIES_FILE.read_text(encoding="utf-8"))["ranges"]
    for item in ranges:
        for number in (int(item["first"], 16), int(item["last"], 16)):
            assert errors.explain(number).category in errors.families()
            assert item["category"] in errors.families()


@pytest.mark.parametrize(
    ("code", "symbol", "category", "words"),
    [
        ("0x80072331", "HRESULT_FROM_WIN32(9009)", "dns", "DNS"),
        ("0x800704D1", "HRESULT_FROM_WIN32(1233)", "other", "Win32 error 1233"),
        ("0x80072EE5", "HRESULT_FROM_WIN32(12005)", "network", "WinHTTP"),
        ("0x80338123", None, "winrm", "WinRM"),
        ("0x80041077", None, "wmi", "WMI"),
        ("0xC004C7FF", None, "online_service", "activation service"),
        ("0xC004FFFF", None, "other", "licensing service"),
        ("0xDEADBEEF", None, "other", "not belong to a known family"),
    ],
)
def test_an_unknown_code_is_placed_by_its_number_range(code: str, symbol: str | None, category: str, words: str) -> None:
    explanation = errors.explain(code)
    assert (explanation.symbol, explanation.category, explanation.known) == (symbol, category, False)
    assert words in explanation.meaning


def test_a_plain_win32_code_is_explained_like_its_hresult() -> None:
    plain, hresult = errors.explain(5), errors.explain(0x80070005)
    assert plain.code == "0x00000005"
    assert (plain.meaning, plain.next_steps, plain.known) == (hresult.meaning, hresult.next_steps, True)


@pytest.mark.parametrize("code", [0xC0000272, 0xC0000022, 0xC0020017])
def test_an_ntstatus_in_the_form_of_an_hresult_is_explained_like_itself(code: int) -> None:
    plain, hresult = errors.explain(code), errors.explain(code | 0x10000000)
    assert (hresult.meaning, hresult.symbol, hresult.known) == (plain.meaning, plain.symbol, True)
    assert hresult.code == f"0x{code | 0x10000000:08X}"


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


def test_the_readme_says_how_many_codes_have_a_text_of_their_family_only() -> None:
    codes = errors.known_codes()
    family_only = sum(not errors.has_own_text(code) for code in codes)
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{len(codes)} error codes" in readme
    assert f"{family_only} of them have only the explanation of their family" in readme


# -- how it is handed over


def test_the_dictionary_has_the_keys_of_every_error_in_a_result() -> None:
    result = errors.explain("0xC004F074").as_dict()
    assert list(result) == ERROR_KEYS
    assert json.loads(json.dumps(result)) == result


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


def test_every_code_says_where_it_comes_from_or_has_no_public_name() -> None:
    without = [explanation.code for explanation in all_explanations() if explanation.source is None]
    assert without == ["0x8004FC12"]
    assert all(errors.explain(code).symbol is None for code in without)
    assert errors.explain("0xC004F999").source is None
