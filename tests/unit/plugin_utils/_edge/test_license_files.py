# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files of the controller: what is read of them, what is refused, and that nothing in them gets past the bounds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.envelope import escape
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.license_files import (
    MAX_BYTES,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    InvalidLicenseError,
    license_of,
    read_files,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.license_file.model import LicenseFile

R, TM = "urn:mpeg:mpeg21:2003:01-REL-R-NS", "http://www.microsoft.com/DRM/XrML2/TM/v2"
ID = "F3D89BBF-C0EC-47CE-A8FA-E5A5F97E447F"
WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f"


def info(name: str, value: str) -> str:
    return f'<tm:infoStr name="{name}">{value}</tm:infoStr>'


def document(content: str = "", root: str = "rg:licenseGroup") -> str:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{head}<{root} xmlns:rg="{R}" xmlns:r="{R}" xmlns:tm="{TM}">{content}</{root}>'


def read(text: str) -> LicenseFile:
    return license_of("/files/a.xrm-ms", text.encode())


def test_a_file_tells_its_title_its_products_and_their_applications() -> None:
    text = f"<r:license><r:title> Office\n 24 </r:title>{info('productSkuId', f'{{{ID}}}')}{info('applicationId', WINDOWS)}</r:license>"
    found = read(document(text + text.replace("Office", "Second")))
    assert (found.name, found.title, found.activation_ids, found.application_ids) == ("a.xrm-ms", "Office 24", (ID.lower(),), {WINDOWS})


def test_a_file_may_name_no_product_and_be_one_license() -> None:
    found = read(document("<r:otherInfo/>", "r:license"))
    assert (found.title, found.activation_ids, found.application_ids) == (None, (), frozenset())


def test_names_of_other_namespaces_and_other_infos_are_passed_over() -> None:
    other = (
        f'<x:infoStr xmlns:x="urn:x" name="productSkuId">{ID}</x:infoStr>{info("privateCertificateId", ID)}<r:infoStr name="productSkuId"/>'
    )
    assert read(document(other)).activation_ids == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_decoded_text_is_what_is_sent(encoding: str) -> None:
    text = document(f"<r:title>ライセンス</r:title>{info('productSkuId', ID)}").replace("utf-8", "utf-16" if "16" in encoding else "utf-8")
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    found = license_of("a", mark + text.encode(encoding))
    assert (found.text, found.title, found.activation_ids) == (text, "ライセンス", (ID.lower(),))


REFUSED = {
    "": "not well-formed XML",
    document()[:-4]: "not well-formed XML",
    "$ANSIBLE_VAULT;1.1;AES256": "not well-formed XML",
    "<html/>": "starts with <html>",
    f'<licenseGroup xmlns="{TM}"/>': "starts with <licenseGroup>",
    document(root="r:grant"): "starts with <grant>",
    "<!DOCTYPE a>" + document().partition("?>")[2]: "a document type or an entity",
    '<!DOCTYPE a [<!ENTITY b "c">]>' + document("&b;").partition("?>")[2]: "a document type or an entity",
    document(info("productSkuId", "Professional")): "contains 'Professional' instead of the ID",
    document(info("productSkuId", "")): "contains '' instead of the ID",
    document("<a>" * 70 + "</a>" * 70): "too many elements",
    document("<a/>" * 50_000): "too many elements",
    document("x" * MAX_BYTES): f"larger than {MAX_BYTES} bytes",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=REFUSED.values())
def test_what_is_no_license_document_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidLicenseError, match=words):
        read(text)


@pytest.mark.parametrize("content", [document().encode("utf-16-le"), b"\xff\xfe\x00", b"\xc3\x28", "é".encode("latin-1")])
def test_bytes_of_another_encoding_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidLicenseError):
        license_of("a", content)


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: document(text).encode(errors="replace"))))
def test_any_bytes_are_a_license_file_that_can_be_sent_or_refused_in_words(content: bytes) -> None:
    try:
        found = license_of("a", content)
    except InvalidLicenseError:
        return
    assert escape(found.text)


@given(place=st.integers(0, 400), new=st.binary(max_size=3))
def test_a_changed_file_is_read_or_refused_in_words(place: int, new: bytes) -> None:
    whole = document(f"<r:license><r:title>T</r:title>{info('productSkuId', ID)}</r:license>").encode()
    try:
        found = license_of("a", whole[:place] + new + whole[place + len(new) :])
    except InvalidLicenseError:
        return
    assert all(len(identity) == 36 for identity in found.activation_ids)


@pytest.fixture
def find(tmp_path: Path) -> Callable[[str], str]:
    def found(name: str) -> str:
        if not (tmp_path / name).exists():
            raise AnsibleError("Could not find or access it. See the remote_src option")
        return str(tmp_path / name)

    return found


def complaint(names: list[str], find: Callable[[str], str]) -> str:
    with pytest.raises(InvalidOptionsError) as bad:
        read_files(names, find)
    return str(bad.value)


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, find: Callable[[str], str]) -> None:
    for name in ("b.xrm-ms", "a.xrm-ms"):
        (tmp_path / name).write_text(document(), encoding="utf-8")
    assert [file.name for file in read_files(["b.xrm-ms", "a.xrm-ms", "b.xrm-ms"], find)] == ["b.xrm-ms", "a.xrm-ms"]


def test_every_way_a_file_cannot_be_read_is_told_with_its_name(tmp_path: Path, find: Callable[[str], str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "page.xrm-ms").write_text("<html/>", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    missing = complaint(["missing.xrm-ms"], find)
    assert missing.startswith("license_file: src: Ansible does not find the file missing.xrm-ms. Copy it to the directory files")
    assert "remote_src" not in missing
    assert f"the directory {tmp_path}/folder does not contain a file whose name ends in .xrm-ms." in complaint(["folder"], find)
    assert f"{tmp_path}/pipe is not a regular file" in complaint(["pipe"], find)
    assert "page.xrm-ms is not a license file: it starts with <html>" in complaint(["page.xrm-ms"], find)
    assert "the list is empty" in complaint([], find)
    assert "the maximum is 1000" in complaint(["a"] * (MAX_FILES + 1), find)


def test_a_directory_stands_for_its_license_files_and_those_below_it(tmp_path: Path, find: Callable[[str], str]) -> None:
    for name in (
        "tokens/skus/Enterprise/b.xrm-ms",
        "tokens/pkeyconfig/A.XRM-MS",
        "tokens/skus/readme.txt",
        "tokens/data.dat",
        "one.xrm-ms",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(document() if name.casefold().endswith("ms") else "none", encoding="utf-8")
    (tmp_path / "tokens" / "skus" / "loop").symlink_to(tmp_path / "tokens")
    found = read_files(["one.xrm-ms", "tokens", "tokens/skus/Enterprise/b.xrm-ms"], find)
    assert [file.path.removeprefix(f"{tmp_path}/") for file in found] == [
        "one.xrm-ms",
        "tokens/pkeyconfig/A.XRM-MS",
        "tokens/skus/Enterprise/b.xrm-ms",
    ]


def test_a_directory_with_too_many_or_too_large_files_is_refused(tmp_path: Path, find: Callable[[str], str]) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.xrm-ms").touch()
    assert "the list has 1001 files, but the maximum is 1000" in complaint(["."], find)
    large = tmp_path / "large"
    large.mkdir()
    text = document(f"<!--{'x' * (MAX_BYTES - 300)}-->")
    for number in range(MAX_TOTAL_BYTES // MAX_BYTES + 1):
        (large / f"{number:02d}.xrm-ms").write_text(text, encoding="utf-8")
    assert "larger than 64 MiB together" in complaint(["large"], find)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_without_the_right_to_read_it_is_told(tmp_path: Path, find: Callable[[str], str]) -> None:
    (tmp_path / "secret").mkdir(mode=0)
    assert "secret cannot be read: Permission denied" in complaint(["secret"], find)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_the_right_to_read_it_is_told(tmp_path: Path, find: Callable[[str], str]) -> None:
    (tmp_path / "secret").write_text(document(), encoding="utf-8")
    (tmp_path / "secret").chmod(0)
    assert "cannot be read: Permission denied" in complaint(["secret"], find)


def test_a_larger_file_is_not_read_to_its_end(tmp_path: Path, find: Callable[[str], str]) -> None:
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(10 * 1024**3)
    assert f"larger than {MAX_BYTES} bytes" in complaint(["big"], find)
