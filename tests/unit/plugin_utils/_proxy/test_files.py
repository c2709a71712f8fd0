# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of records: what is written reads back, whatever people and machines wrote, and what came through a spreadsheet still counts."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy import files, texts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import FIELDS, ProxyRecord
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.problems import InvalidRecordsError, ProxyError

from .records import OTHER_SKU, confirmation, identity, mistyped, record, records

FORMS = [("csv", ","), ("csv", ";"), ("json", ","), ("xml", ",")]
SEVERAL = st.lists(records, max_size=6, unique_by=lambda found: found.identity)
IID, CID = identity(1), confirmation(1)
HEADER = "machine,installation_id,confirmation_id"


@pytest.mark.parametrize(("form", "separator"), FORMS)
@given(several=SEVERAL)
def test_every_record_reads_back_as_it_was_written(form: str, separator: str, several: list[ProxyRecord]) -> None:
    assert files.read(files.write(several, form, separator)) == several


@pytest.mark.parametrize("form", files.FORMATS)
@given(several=SEVERAL)
def test_the_second_writing_is_the_same_text(form: str, several: list[ProxyRecord]) -> None:
    text = files.write(several, form)
    assert files.write(files.read(text), form) == text


@given(SEVERAL)
def test_no_cell_is_a_formula_or_a_number_for_a_spreadsheet(several: list[ProxyRecord]) -> None:
    table = list(csv.reader(io.StringIO(files.write(several, "csv").removeprefix("\ufeff"), newline="")))
    cells = [cell for row in table for cell in row]
    assert [cell for cell in cells if cell[:1] and cell[0] in "=+-@\t\r＝＋－＠"] == []
    places = [FIELDS.index("installation_id"), FIELDS.index("confirmation_id")]
    assert [row[place] for row in table[1:] for place in places if re.fullmatch(r"\d{7,}", row[place])] == []


@pytest.mark.parametrize("text", ["=1+1", "@x", "'=1", "''", "'", "'a", "-1", "+1", "＝1"])
def test_the_apostrophe_before_a_formula_goes_again(text: str) -> None:
    (back,) = files.read(files.write([record(note=text)], "csv"))
    assert back.note == text


def test_csv_begins_with_the_mark_of_utf_8_and_ends_lines_as_the_standard_says() -> None:
    text = files.write([record()], "csv")
    assert text.startswith("\ufeffmachine,computer_name,")
    assert text.count("\r\n") == 2


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\r\nPC-01,{IID},{CID}\r\n",
        f"{HEADER.replace(',', ';')}\nPC-01;{IID};{CID}\n",
        f"{HEADER.replace(',', chr(9))}\nPC-01\t{IID}\t{CID}",
        f"sep=;\r\n{HEADER.replace(',', ';')}\r\nPC-01;{IID};{CID}\r\n",
        f"\n\n{HEADER}\n,,\n\nPC-01,{IID},{CID}\n,,,,\n",
        f"Confirmation ID,MACHINE,installation-id\n{CID},PC-01,{IID}",
        f"{HEADER},Room\nPC-01,{IID},{CID},",
        f'{HEADER}\n"PC-01","{texts.spelled(IID)}"," {CID[:6]} {CID[6:]} "',
    ],
    ids=["mark", "semicolons", "tabs", "excel's line", "empty lines", "order and spelling", "own column", "quotes and groups"],
)
def test_what_comes_back_from_a_spreadsheet_is_read(text: str) -> None:
    (found,) = files.read(text)
    assert (found.machine, found.installation_id, found.confirmation_id) == ("PC-01", IID, CID)


def test_columns_of_ones_own_stay() -> None:
    (found,) = files.read(f"{HEADER},Room,Owner\nPC-01,{IID},,12,Sato\n")
    assert found.extra == (("Owner", "Sato"), ("Room", "12"))
    assert [files.read(files.write([found], form)) for form in files.FORMATS] == [[found]] * 3


@pytest.mark.parametrize("text", ["", "\ufeff", " \r\n\n"])
def test_an_empty_file_has_no_records(text: str) -> None:
    assert files.read(text) == []


@pytest.mark.parametrize("dash", ["-", " – ", "?", "---"])
def test_a_dash_for_nothing_is_no_confirmation_id(dash: str) -> None:
    (found,) = files.read(f"{HEADER}\nPC-01,{IID},{dash}\n")
    assert not found.answered


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"machine,confirmation_id\nPC-01,{CID}", "columns are missing in the first line: installation_id"),
        (f"{HEADER},Machine\nPC-01,{IID},,PC-02", "contains columns twice: machine"),
        (f"{HEADER}\nPC-01,{IID},,1,2", "line 2 has 5 cells"),
        (f'{HEADER}\nPC-01,{IID},"1', "line 2 is not valid CSV"),
        (f"{HEADER}\nPC-01,1.23E+53,", "line 2 (PC-01), installation_id: a spreadsheet converted the ID to a number"),
        (f"{HEADER}\nPC-01,{IID[:-1]},\n", "line 2 (PC-01), installation_id: it has 53 digits"),
        (f"{HEADER}\nPC-01,{mistyped(IID, 2)},\n", "line 2 (PC-01), installation_id: the check digit of group 3 of 9 does not match"),
        (f"{HEADER}\nPC-01,{IID},\nPC-02,{IID[:20]}", "line 3 is the last line and has 2 cells, and all other lines have at least 3"),
        (f"{HEADER}\nPC-01,{IID[:20]}", "line 2 is the last line and has 2 cells"),
        (f"{HEADER},note\nPC-01,{IID},{CID[:9]}\n", "line 2 is the last line and has 3 cells"),
        (f"{HEADER}\n,{IID},", "line 2, machine: the value is empty"),
        (f"{HEADER},application\nPC-01,{IID},,linux", "line 2 (PC-01), application: the value is 'linux'"),
        (f"{HEADER},partial_product_key\nPC-01,{IID},,TTWX", "partial_product_key"),
        (f"{HEADER},activation_id\nPC-01,{IID},,12", "activation_id"),
        ("PC-01,\ud83d\0", "not UTF-8"),
        (f"{HEADER}\nPC-\udcfc,{IID},", "not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(ProxyError) as refused:
        files.read(text)
    assert words in str(refused.value)


@pytest.mark.parametrize("cut", range(2, 60))
def test_a_file_that_was_cut_off_anywhere_in_its_last_row_is_refused_or_warned_of(cut: int) -> None:
    whole = files.write([record("PC-01", 1, 1), record("PC-02", 2, 2, note="x" * 20)], "csv")
    text = whole[:-cut]
    if not files.warnings(text) or cut > len(f"{'x' * 20}\r\n"):
        with pytest.raises(ProxyError, match="line 3"):
            files.read(text)
    else:
        assert [each.installation_id for each in files.read(text)] == [identity(1), identity(2)]


def test_empty_cells_that_a_spreadsheet_left_out_at_the_end_of_several_lines_are_no_cut() -> None:
    found = files.read(f"{HEADER},note\nPC-01,{IID},{CID},x\nPC-02,{identity(2)},{CID}\nPC-03,{identity(3)},{CID}\n")
    assert [each.machine for each in found] == ["PC-01", "PC-02", "PC-03"]


@pytest.mark.parametrize(("text", "warned"), [(f"{HEADER}\nPC-01,{IID},", True), (f"{HEADER}\nPC-01,{IID},\n", False), ("", False)])
def test_a_last_line_without_its_end_is_worth_a_warning(text: str, warned: bool) -> None:
    assert bool(files.warnings(text)) is warned
    assert files.warnings(files.write([record()], "json").rstrip()) == ()


def test_all_records_that_cannot_be_used_are_named_at_once_and_not_without_end() -> None:
    lines = [f"PC-{number:02d},{'x' if number % 2 else IID}," for number in range(40)]
    with pytest.raises(InvalidRecordsError) as refused:
        files.read("\n".join([HEADER, *lines]))
    assert [found.where for found in refused.value.found[:2]] == ["line 3 (PC-01)", "line 5 (PC-03)"]
    assert "and 10 more" in str(refused.value)


def test_a_confirmation_id_that_is_none_is_kept_as_it_was_written() -> None:
    (found,) = files.read(f"{HEADER}\nPC-01,{IID},12 34 O6\n")
    assert found.confirmation_id == "12 34 O6"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1 is not valid JSON"),
        ("[]", "JSON file does not contain records"),
        ('{"format": "other"}', "JSON file does not contain records"),
        ("[" * 100000, "the file is not valid JSON"),
        ('{"format": "x", "a": ' + "9" * 5000 + "}", "the file is not valid JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1, "a": 2}', "'a' twice"),
    ],
)
def test_json_that_is_something_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(ProxyError) as refused:
        files.read(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version"),
        ({"records": {}}, "does not contain the list"),
        ({"records": ["x"]}, "record 1 is not a JSON object"),
        ({"records": [{"machine": "a", "room": "1"}]}, "record 1, room: a record does not have this field"),
        ({"records": [{"machine": "a", "installation_id": 12}]}, "text in quotation marks"),
        ({"records": [{"machine": "a", "installation_id": "12"}]}, "it has 2 digits instead of 54 or 63"),
        ({"records": [{"machine": "a", "installation_id": IID, "extra": []}]}, ""),
        ({"records": [{"machine": "a", "installation_id": IID, "extra": {"Machine": "x"}}]}, "this name is reserved"),
        ({"records": [{"machine": "a", "installation_id": IID, "extra": ["x"]}]}, "object of texts"),
    ],
)
def test_json_of_ours_is_checked_field_by_field(change: dict[str, object], words: str) -> None:
    whole = {**json.loads(files.write([record()], "json")), **change}
    if not words:
        assert files.read(json.dumps(whole))
        return
    with pytest.raises(ProxyError) as refused:
        files.read(json.dumps(whole))
    assert words in str(refused.value)


OPEN, CLOSE = '<computer_information_list version="1"><computer>', "</computer></computer_information_list>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><computer_information_list version="1"/>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><computer_information_list version="1"/>', "document type"),
        (f"{OPEN}<machine>&x;</machine>{CLOSE}", "not well-formed XML"),
        (f"{OPEN}<machine>", "not well-formed XML"),
        ("<other/>", "XML file does not contain records"),
        ('<computer_information_list version="2"/>', "version"),
        ('<computer_information_list version="1"><machine/></computer_information_list>', "<computer>"),
        (f"{OPEN}<room>1</room>{CLOSE}", "computer 1, room: a record does not have this element"),
        (f"{OPEN}<machine>a</machine><machine>b</machine>{CLOSE}", "twice"),
        (f"{OPEN}<machine><b/></machine>{CLOSE}", "must be text"),
        (f"{OPEN}<extra>1</extra>{CLOSE}", "a record does not have this element"),
        ("<a>" * 100000, "XML file does not contain records"),
    ],
)
def test_hostile_or_foreign_xml_is_refused(text: str, words: str) -> None:
    with pytest.raises(ProxyError) as refused:
        files.read(text)
    assert words in str(refused.value)


def test_xml_is_readable_a_line_for_each_field() -> None:
    lines = files.write([record(note="a & b")], "xml").splitlines()
    assert f"    <installation_id>{texts.spelled(IID)}</installation_id>" in lines
    assert "    <note>a &amp; b</note>" in lines


def test_xml_may_be_written_by_another_program_in_its_own_layout() -> None:
    text = f"{OPEN}<Machine>PC-01</Machine>\n<installation_id><![CDATA[{IID}]]></installation_id>{CLOSE}"
    (found,) = files.read(text)
    assert (found.machine, found.installation_id, found.answered) == ("PC-01", IID, False)


def test_a_file_that_is_too_long_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST", 10)
    with pytest.raises(ProxyError, match="maximum is 10"):
        files.read(f"{HEADER}\n")


@pytest.mark.parametrize(("form", "separator", "words"), [("yaml", ",", "csv, json, xml, or cil"), ("csv", "|", "comma")])
def test_a_format_nobody_knows_is_refused(form: str, separator: str, words: str) -> None:
    with pytest.raises(ProxyError, match=words):
        files.write([], form, separator)


@pytest.mark.parametrize("form", files.FORMATS)
def test_two_confirmation_ids_for_one_installation_id_are_named_with_both_machines(form: str) -> None:
    rows = [record("PC-01", 1, 1), record("PC-02", 2, 2), record("PC-03", 1, 2)]
    with pytest.raises(InvalidRecordsError, match=r"\(PC-01\) and .* \(PC-03\), confirmation_id: the values differ") as raised:
        files.read(files.write(rows, form))
    assert "PC-02" not in str(raised.value)
    assert CID not in str(raised.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CID, CID),
        (CID, ""),
        (CID, mistyped(CID, 3)),
        (mistyped(CID, 3), "none yet"),
        ("none yet", "asked twice"),
    ],
)
def test_a_copy_without_a_right_confirmation_id_does_not_contradict(one: str, other: str) -> None:
    rows = [record("PC-01", 1, confirmation_id=one), record("PC-02", 1, confirmation_id=other)]
    assert files.read(files.write(rows, "csv")) == rows
    assert files.read(files.write(rows[::-1], "csv")) == rows[::-1]


def test_the_same_digits_for_another_application_do_not_contradict() -> None:
    rows = [record("PC-01", 1, 1), record("PC-01", 1, 2, application="office", activation_id=OTHER_SKU)]
    assert files.read(files.write(rows, "csv")) == rows
