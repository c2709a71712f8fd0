# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of VAMT: IDs are read from whatever form the list has, names are not needed and not written, and keys are refused unseen.

The samples are written by hand from the help of VAMT 2.0. None of them comes from VAMT.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.filter.from_proxy_file import from_proxy_file
from ansible_collections.winops.volume_activation.plugins.filter.to_proxy_file import to_proxy_file
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy import files, merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import ProxyRecord
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.problems import InvalidRecordsError, ProxyError

from .records import OTHER_SKU, SKU, confirmation, identity, mistyped, record, records

WINDOWS, OFFICE, OFFICE_2010 = (
    "55c92734-d682-4d71-983e-d6ec3f16059f",
    "0ff1ce15-a989-479d-af46-f275c6370663",
    "59a52881-a989-479d-af46-f275c6370663",
)
COMPUTER = "5d3f1f0e-0b5d-4e0e-9d2e-6f0a4c1b2a39"
PID = "55041-00140-015-871562-03-1033-7078.0000-0992009"
IID, CID = identity(1), confirmation(1)
KEY = "MMMMM-KKKKK-MMMMM-66666-77777"
SEVERAL = st.lists(records, max_size=6)

COMPLETE = f"""<?xml version="1.0" encoding="utf-8"?>
<SoftwareLicensingData Version="2.0">
  <Computers>
    <Computer Name="PC-01" OSVersion="6.1.7601" OSEdition="Enterprise" NetworkType="Domain" NetworkName="corp.example.com" Id="{COMPUTER}">
      <MacAddresses><MacAddress>00:11:22:33:44:55</MacAddress></MacAddresses>
      <Products>
        <Product>
          <Sku Id="{SKU}" Name="Windows(R), Enterprise edition" ApplicationId="{WINDOWS}" />
          <PartialProductKey>TTWX3</PartialProductKey>
          <LicenseStatus>2</LicenseStatus>
          <InstallationId>{IID}</InstallationId>
          <ConfirmationId>{CID}</ConfirmationId>
        </Product>
        <Product>
          <Sku Id="{OTHER_SKU}" Name="Office Professional Plus" ApplicationId="{OFFICE}" />
          <InstallationId>{identity(2)}</InstallationId>
        </Product>
        <Product><Sku Id="{OTHER_SKU}" Name="A KMS client" ApplicationId="{WINDOWS}" /></Product>
      </Products>
    </Computer>
  </Computers>
</SoftwareLicensingData>
"""


def product(inner: str = "", iid: str = IID, sku: str = f'Id="{SKU}" ApplicationId="{WINDOWS}"') -> str:
    return f"<Product><Sku {sku}/><InstallationId>{iid}</InstallationId>{inner}</Product>"


def listed(*products: str, attributes: str = f'Id="{COMPUTER}"', root: str = "") -> str:
    computer = f"<Computer {attributes}><Products>{''.join(products)}</Products></Computer>"
    return f'<SoftwareLicensingData Version="2.0"{root}><Computers>{computer}</Computers></SoftwareLicensingData>'


def essence(record: ProxyRecord) -> tuple[str, ...]:
    """What a list of VAMT keeps of a record."""
    answer = record.confirmation_id if record.confirmation_id.isascii() and record.confirmation_id.isdigit() else ""
    return record.application, record.installation_id, answer, record.activation_id, record.product_name, record.extended_pid


def test_complete_list_is_read() -> None:
    windows, office = files.read(COMPLETE)
    assert (windows.machine, windows.application, windows.activation_id, windows.partial_product_key) == ("PC-01", "windows", SKU, "TTWX3")
    assert (windows.installation_id, windows.confirmation_id) == (IID, CID)
    assert windows.extra == office.extra == (("vamt_computer_id", COMPUTER),)
    assert (office.application, office.installation_id, office.answered) == ("office", identity(2), False)


@given(SEVERAL)
def test_every_id_reads_back_as_it_was_written(several: list[ProxyRecord]) -> None:
    back = {essence(record) for record in files.read(files.write(several, "cil"))}
    assert back <= {essence(record) for record in several}
    assert {record.identity for record in several} == {(application, iid) for application, iid, *_more in back}
    answered = {record.identity for record in several if essence(record)[2]}
    assert answered == {(application, iid) for application, iid, answer, *_more in back if answer}


@given(SEVERAL)
def test_second_writing_is_the_same_text(several: list[ProxyRecord]) -> None:
    text = files.write(several, "cil")
    assert files.write(files.read(text), "cil") == text


@given(SEVERAL)
def test_names_and_notes_are_not_written(several: list[ProxyRecord]) -> None:
    private = {"machine": "QZ-01", "computer_name": "QZ-02", "note": "QZ-03", "collected_time": "QZ-04", "extra": (("QZ-05", "QZ-06"),)}
    text = files.write([replace(each, product_name="Windows", **private) for each in several], "cil")
    assert "QZ" not in text
    assert re.findall('(?:NetworkName|OSVersion|OSEdition|MacAddress)|NetworkType="(?!None)', text) == []


def test_written_computer_has_no_attributes_but_the_documented_ones() -> None:
    (attributes,) = re.findall("<Computer ([^>]*)>", files.write([record()], "cil"))
    assert re.fullmatch('NetworkType="None" Id="[0-9a-f-]{36}"', attributes)


def test_computer_keeps_the_id_of_vamt() -> None:
    assert f'Id="{COMPUTER}"' in files.write(files.read(COMPLETE), "cil")


def test_copies_of_a_machine_are_one_computer() -> None:
    text = files.write([record("PC-01", 1), record("PC-02", 1, 1)], "cil")
    assert (text.count("<Computer "), text.count("<Product>")) == (1, 1)
    assert [back.confirmation_id for back in files.read(text)] == [confirmation(1)]


def test_file_says_that_it_was_never_tried() -> None:
    assert "never tried with VAMT" in files.write([], "cil")
    assert files.read(files.write([], "cil")) == []


@pytest.mark.parametrize(
    "text",
    [
        listed(product(f"<ConfirmationId>{CID}</ConfirmationId>")),
        "\ufeff" + listed(product(f"<ConfirmationId>{CID}</ConfirmationId>")),
        "\n\n<!-- x --><?y?>" + listed(product(f"<ConfirmationId><![CDATA[{CID}]]></ConfirmationId>")),
        listed(product(f"<ConfirmationId>{CID}</ConfirmationId>"), root=' xmlns="urn:a" xmlns:xsi="urn:b" xsi:schemaLocation="c"'),
        listed(f"<Product><ConfirmationId>{CID}</ConfirmationId><InstallationId>{IID}</InstallationId><Sku Id='{SKU}'/></Product>"),
        listed(f'<Product InstallationId="{IID}" ConfirmationId="{CID}"><Sku Id="{SKU}"/></Product>'),
        listed(f"<Product><Sku><Id>{{{SKU.upper()}}}</Id></Sku><A><B><iid> {IID} </iid></B><CID>\n{CID}</CID></A></Product>"),
        listed(product(f"<ConfirmationId>{CID}</ConfirmationId><Room xml:lang='en'><Id>7</Id><Name>x</Name></Room>"), attributes=""),
        (
            f"<v:SoftwareLicensingData xmlns:v='urn:a'><v:Product><v:Sku Id='{SKU}'/><v:InstallationId>{IID}</v:InstallationId>"
            f"<v:ConfirmationId>{CID}</v:ConfirmationId></v:Product></v:SoftwareLicensingData>"
        ),
    ],
    ids=["plain", "mark", "prolog", "namespaces", "order", "attributes", "nested", "unknown", "prefix without computer"],
)
def test_form_does_not_matter(text: str) -> None:
    (found,) = files.read(text)
    assert (found.installation_id, found.confirmation_id, found.activation_id, found.application) == (IID, CID, SKU, "windows")
    assert found.machine.startswith("vamt-")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", ["utf-16", "utf-8", "shift_jis"])
def test_utf_16_is_read_as_ansible_passes_it(encoding: str, declared: str) -> None:
    text = f"\ufeff<?xml version='1.0' encoding='{declared}'?>{listed(product(), attributes='Name=' + chr(34) + '端末' + chr(34))}"
    (found,) = from_proxy_file(text.encode(encoding).decode("utf-8", "surrogateescape"))
    assert (found["machine"], found["installation_id"]) == ("端末", IID)


def test_key_in_utf_16_is_refused() -> None:
    text = "\ufeff" + listed(product(f"<ProductKey>{KEY}</ProductKey>"))
    with pytest.raises(AnsibleFilterError, match="<ProductKey>"):
        from_proxy_file(text.encode("utf-16-le").decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (listed(product(f"<ProductKey>{KEY}</ProductKey>")), "element <ProductKey> in line 1"),
        (listed(product(f"<ProductKey>{KEY.replace('-', '')}</ProductKey>")), "element <ProductKey> in line 1"),
        (listed(product("<ProductKey>AQAAANCMnd8BFdERjHoAwE</ProductKey>")), "element <ProductKey> in line 1"),
        (listed(product(f"<Room>{KEY}</Room>")), "element <Room> in line 1"),
        (listed(product(f"\n<Room>{KEY[:12]}<b/>{KEY[12:]}</Room>")), "element <Room> in line 2"),
        (listed(product(f"<A Value='{KEY}'/>")), "attribute 'Value' of the element <A> in line 1"),
        (listed(product(f"<ProductKey>&#77;{KEY[1:]}</ProductKey>")), "element <ProductKey> in line 1"),
        (listed(product(f"<{KEY}/>")), "a name in line 1"),
        (listed(product(f"<!-- {KEY} -->")), "line 1 contains"),
        (listed(product(), attributes=f'Name="{KEY}"'), "attribute 'Name' of the element <Computer> in line 1"),
        (listed(product()).replace("</Computers>", f"</Computers><Keys><Key>{KEY}</Key></Keys>"), "element <Key> in line 1"),
    ],
)
def test_key_is_refused_with_the_element_and_unseen(text: str, place: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        from_proxy_file(text, "site.cilx")
    message = str(refused.value)
    assert "site.cilx" in message
    assert place in message
    assert [group for group in (*KEY.split("-")[:1], "KKKKK", "77777", "AQAAAN") if group in message] == []


@pytest.mark.parametrize("text", ["", "TTWX3", "XXXXX-XXXXX-XXXXX-XXXXX-TTWX3", COMPUTER, PID])
def test_end_of_a_key_and_ids_are_not_refused(text: str) -> None:
    (found,) = from_proxy_file(listed(product(f"<ProductKey>{text}</ProductKey>")))
    assert found["partial_product_key"] == ("TTWX3" if "TTWX3" in text else "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'<!DOCTYPE a [<!ENTITY x "y">]>{listed(product())}', "document type"),
        (f'<!DOCTYPE a SYSTEM "file:///etc/passwd">{listed(product())}', "document type"),
        (listed(product("&x;")), "not well-formed XML"),
        (listed(product())[:-30], "not well-formed XML"),
        (listed(product("<a:b/>")), "not well-formed XML"),
        (listed("<a>" * 40 + "</a>" * 40), "more than 32 elements"),
        (listed("<a>" * 100000), "more than 32 elements"),
        (
            listed(product(f"<InstallationId>{identity(2)}</InstallationId>")),
            "computer 1, product 1, installation_id: the product contains two",
        ),
        (
            listed(product(f"<CID>{CID}</CID><ConfirmationId>{confirmation(2)}</ConfirmationId>")),
            "confirmation_id: the product contains two",
        ),
        (listed(product(), product(iid=mistyped(IID, 2))), "product 2"),
        (listed(product(iid="12")), "it has 2 digits"),
    ],
)
def test_hostile_or_damaged_list_is_refused(text: str, words: str) -> None:
    with pytest.raises(ProxyError) as refused:
        files.read(text)
    assert words in str(refused.value)


def test_all_damaged_products_are_named_at_once() -> None:
    with pytest.raises(InvalidRecordsError) as refused:
        files.read(listed(product(iid="1"), product(), product(iid="2")))
    assert [found.where.partition(" (")[0] for found in refused.value.found] == ["computer 1, product 1", "computer 1, product 3"]


@given(st.text(max_size=40), st.sampled_from(["machine", "product", "room"]))
def test_texts_of_a_list_become_harmless(text: str, place: str) -> None:
    escaped = "".join(f"&#{ord(each)};" for each in text if each in "\t\n\r" or each.isprintable())
    attributes = f'Name="{escaped}"' if place == "machine" else ""
    inner = f"<Room>{escaped}</Room>" if place == "room" else f"<ProductName>{escaped}</ProductName>" if place == "product" else ""
    (found,) = files.read(listed(product(inner), attributes=attributes))
    assert "\n" not in found.machine + found.product_name
    assert (found.installation_id, found.extra) == (IID, ())


@given(st.text("<>/=&\"'SoftwareLicensingData PC12-", max_size=60))
def test_no_text_ends_in_another_exception(text: str) -> None:
    for whole in (text, f"<SoftwareLicensingData>{text}</SoftwareLicensingData>", listed(product(text))):
        with suppress(ProxyError):
            files.read(whole)


@given(st.integers(0, len(COMPLETE)), st.sampled_from([KEY, KEY.lower(), KEY.replace("-", " "), KEY.replace("-", "\u2013")]))
def test_key_at_any_place_is_refused_unseen(place: int, key: str) -> None:
    text = COMPLETE[:place] + f" {key} " + COMPLETE[place:]
    with pytest.raises(AnsibleFilterError) as refused:
        from_proxy_file(text, "site.cil")
    message = str(refused.value).upper()
    assert "KKKKK" not in message
    assert "FULL PRODUCT KEY" in message or "LAST FIVE" in message


@given(st.integers(0, len(COMPLETE)), st.integers(0, 40), st.text("<>/&;=\"' aZ0-]!?\0\ufeff\udcff", max_size=6))
def test_damage_is_refused_or_leaves_valid_installation_ids(place: int, removed: int, new: str) -> None:
    text = COMPLETE[:place] + new + COMPLETE[place + removed :]
    try:
        found = files.read(text)
    except ProxyError:
        return
    assert {each.installation_id for each in found} <= {IID, identity(2)}


@pytest.mark.parametrize(
    ("products", "skipped"),
    [
        ((product(), f'<Product><Sku Id="{SKU}" ApplicationId="{WINDOWS}"/></Product>'), 0),
        ((product(), f"<Product><ConfirmationId>{CID}</ConfirmationId></Product>"), 1),
        ((product(), product(sku=f'ApplicationId="{COMPUTER}"')), 1),
    ],
)
def test_products_that_are_not_used_are_counted(products: tuple[str, ...], skipped: int) -> None:
    assert len(files.read(listed(*products))) == 1
    assert [message.split()[0] for message in files.warnings(listed(*products))] == [str(skipped)] * bool(skipped)


@pytest.mark.parametrize(
    ("guid", "application"), [(WINDOWS, "windows"), (OFFICE, "office"), (OFFICE_2010.upper(), "office"), ("", "windows")]
)
def test_application_is_found_by_its_id(guid: str, application: str) -> None:
    (found,) = files.read(listed(product(sku=f'ApplicationId="{guid}"')))
    assert found.application == application


@pytest.mark.parametrize(
    ("inner", "extended_pid"),
    [
        (f"<ProductId>{PID}</ProductId>", PID),
        (f"<ProductKeyID> {PID} </ProductKeyID>", PID),
        (f"<ProductKey ProductKeyId='{PID}'/>", PID),
        (f"<ProductId>{COMPUTER}</ProductId>", ""),
        ("", ""),
    ],
)
def test_product_id_is_read_if_it_is_one(inner: str, extended_pid: str) -> None:
    (found,) = files.read(listed(product(inner)))
    assert found.extended_pid == extended_pid


@pytest.mark.parametrize(
    "inner", [f"<CID>{COMPUTER}</CID>", "<Iid>x</Iid>", f"<InstallationId>{IID[:6]}-{IID[6:]}</InstallationId>", f"<iid> {IID} </iid>"]
)
def test_other_ids_and_other_spellings_do_not_conflict(inner: str) -> None:
    (found,) = files.read(listed(product(f"{inner}<ConfirmationId>{CID}</ConfirmationId>")))
    assert (found.installation_id, found.confirmation_id) == (IID, CID)


def test_products_without_an_answer_can_be_left_out_of_a_list_only() -> None:
    text = listed(product(f"<ConfirmationId>{CID}</ConfirmationId>"), product(iid=identity(2)))
    assert [each["confirmation_id"] for each in from_proxy_file(text)] == [CID, ""]
    assert [each["confirmation_id"] for each in from_proxy_file(text, vamt_answered_only=True)] == [CID]
    assert len(from_proxy_file(files.write([record()], "csv"), vamt_answered_only=True)) == 1


def test_answer_without_a_name_finds_its_record_by_the_installation_id() -> None:
    known = [record("PC-01", 1), record("PC-02", 2)]
    merged = merge.answered(known, files.read(listed(product(f"<ConfirmationId>{CID}</ConfirmationId>"))))
    assert [(each.machine, each.confirmation_id) for each in merged.records] == [("PC-01", CID), ("PC-02", "")]


def test_computers_without_names_stay_apart() -> None:
    found = files.read(listed(product(), product(iid=identity(2)), attributes=""))
    assert len({each.machine for each in found}) == len(found)


def test_filter_writes_a_list_without_keys() -> None:
    text = to_proxy_file([record(product_name=f"Windows {KEY}").as_dict()], "cil")
    assert KEY not in text
    assert from_proxy_file(text)[0]["installation_id"] == IID
