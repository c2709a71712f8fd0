# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page is one file that can load and send nothing, and a text of a machine stays a text."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import zlib
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_fleet import KINDS, NOW, OPTIONS, machine, records, sample_report

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import InvalidRecordError, Record, record_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.page import render
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of

KEY = "MMMMM-KKKKK-MMMMM-22222-33333"
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)> ' \" & {{ 7 * 7 }} \u2028"


@dataclass
class Page(HTMLParser):
    """The elements of a page with their attributes, and the texts of some of them."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = "data" if dict(attrs).get("id") == "data" else tag

    def handle_data(self, data: str) -> None:
        self.texts[self.inside] = self.texts.get(self.inside, "") + data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.inside = ""

    def data(self) -> dict[str, Any]:
        """Return the data of the script."""
        found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(self.texts["data"])))
        return found


def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


def page_of(*results: dict[str, Any], **options: Any) -> tuple[str, Page]:
    found = merge({"a": [Record(f"pc{number}", NOW, result) for number, result in enumerate(results)]}, NOW)
    html = render(report_of(found, {**OPTIONS, **options}, NOW))
    return html, parsed(html)


@pytest.fixture(scope="module")
def sample() -> str:
    return render(sample_report(80, stale_after_days=14, mak_budgets={"2X4YB": 60}))


def test_policy_allows_only_the_style_and_the_script_of_the_file(sample: str) -> None:
    page = parsed(sample)
    policy = next(attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for directive, tag in (("script-src", "script"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(page.texts[tag].encode()).digest()).decode()
        assert rules[directive] == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    assert [tag for tag, attributes in page.elements if attributes.get("http-equiv")] == ["meta"]


def test_page_loads_nothing_and_has_no_style_or_script_in_attributes(sample: str) -> None:
    page = parsed(sample)
    loading = {"src", "srcset", "data", "action", "poster", "background", "ping", "formaction", "xlink:href", "style"}
    assert [
        tag for tag, attributes in page.elements if loading & set(attributes) or any(name.startswith("on") for name in attributes)
    ] == []
    assert {tag for tag, _attributes in page.elements} & {"img", "link", "iframe", "object", "embed", "base", "video", "audio"} == set()
    addresses = [attributes["href"] for _tag, attributes in page.elements if "href" in attributes]
    assert addresses
    assert [address for address in addresses if not str(address).startswith("#")] == []
    assert not re.search(r"https?://|@import|url\(", page.texts["style"] + page.texts["script"])


def test_identifiers_are_unique_and_references_exist(sample: str) -> None:
    page = parsed(sample)
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {"aria-labelledby", "aria-describedby"}
    references = {name for _tag, attributes in page.elements for key in named & set(attributes) for name in str(attributes[key]).split()}
    assert references <= set(ids)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_text_of_a_machine_stays_a_text(language: str) -> None:
    plain = machine(random.Random(1), 1)
    evil = json.loads(json.dumps(plain).replace("Enterprise", json.dumps(EVIL)[1:-1]).replace("kms1.example.com", json.dumps(EVIL)[1:-1]))
    evil["findings"] = [{"id": EVIL, "severity": "error", "message": EVIL, "next_steps": [EVIL], "error": {"code": EVIL, "meaning": EVIL}}]
    unread = {"unreachable": True, "msg": EVIL, "error": {"code": EVIL, "meaning": EVIL, "cause": EVIL, "next_steps": [EVIL]}}
    html, page = page_of(evil, unread, title=EVIL, language=language)
    assert [tag for tag, _attributes in page.elements].count("script") == 2
    assert not {"img", "alert"} & {tag for tag, _attributes in page.elements}
    assert page.texts["title"].startswith("</script><script>alert(1)")
    assert "7 * 7" in page.texts["title"]
    assert "\u2028" not in html


def by_ad(object_name: str, covered: bool | None = True) -> dict[str, Any]:
    found = machine(
        random.Random(1), 1, activated_by="ad", activation_type="ad", ad={"object_name": object_name, "object_dn": f"CN={object_name}"}
    )
    activation_id = found["products"][0]["activation_id"]
    return {**found, "object_coverage": [{"activation_id": activation_id, "covered": covered}]}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_of_a_machine_has_its_activation_object_and_a_name_of_it_stays_a_text(language: str) -> None:
    html, page = page_of(by_ad(EVIL), by_ad("Server 2022", covered=False), machine(random.Random(2), 2), title="", language=language)
    data = page.data()
    columns = data["products"]["columns"]
    texts = {
        name: [None if cell is None else data["strings"][cell] for cell in columns[f"t{name}"]] for name in ("ad_object_name", "covered")
    }
    assert texts["ad_object_name"][1:] == ["Server 2022", None]
    assert texts["covered"] == ["yes", "no", None]
    assert set(data["texts"]["activation_type"]) == {"all", "ad", "kms", "token"}
    assert not {"img", "alert"} & {tag for tag, _attributes in page.elements}
    assert "\u2028" not in html + str(texts)


def test_no_full_key_is_in_the_page_or_in_its_data() -> None:
    result = machine(random.Random(1), 1, partial_product_key=KEY, edition=KEY)
    result["findings"] = [{"id": "x", "severity": "error", "message": KEY, "next_steps": [KEY]}]
    html, page = page_of(result, {"failed": True, "msg": KEY}, title=KEY)
    for text in (html, json.dumps(page.data())):
        assert KEY not in text
        assert "XXXXX-33333" in text


def test_names_of_machines_are_parts_of_an_address() -> None:
    found = merge({"a": [Record("a/b#c d%", NOW, {"failed": True, "msg": "no"})]}, NOW)
    page = parsed(render(report_of(found, OPTIONS, NOW)))
    assert "#machine/a%2Fb%23c%20d%25" in [attributes.get("href") for _tag, attributes in page.elements]


def test_data_has_every_machine_product_and_finding() -> None:
    report = sample_report(len(KINDS))
    data = parsed(render(report)).data()
    results = report.records.results
    assert data["machines"]["count"] == len(results)
    assert data["products"]["count"] == sum(len(result.get("products") or ()) for result in results.values())
    assert data["findings"]["count"] == sum(len(result.get("findings") or ()) for result in results.values())
    names = [data["strings"][number] for number in data["machines"]["columns"]["tname"]]
    assert sorted(names) == sorted(results)


def test_report_without_machines_is_a_page() -> None:
    html = render(report_of(merge({}, NOW), OPTIONS, NOW))
    assert "Nothing needs action" in html
    assert parsed(html).data()["machines"]["count"] == 0


def test_ten_thousand_machines_fit_into_the_file() -> None:
    assert len(render(sample_report(10_000)).encode()) < 4 * 1024 * 1024


def values(depth: int = 2) -> st.SearchStrategy[Any]:
    plain = (
        st.none() | st.booleans() | st.integers(-5, 10**12) | st.text(max_size=8) | st.sampled_from(["licensed", "gvlk", "office", "error"])
    )
    names = st.sampled_from(["status", "channel", "application", "id", "severity", "message", "kms", "error", "code", "expires", "build"])
    return plain if not depth else plain | st.lists(values(depth - 1), max_size=2) | st.dictionaries(names, values(depth - 1), max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(range(len(KINDS))), st.data())
def test_any_record_is_refused_or_shown(number: int, data: st.DataObject) -> None:
    """A value of any type in any place of a real record never stops the report: the line is refused, or the page is made."""
    record = list(records(len(KINDS)))[number]
    result = json.loads(json.dumps(record.result))
    place: Any = result
    for _step in range(data.draw(st.integers(0, 3))):
        inner = [
            key for key in (place if isinstance(place, dict) else range(len(place))) if isinstance(place[key], (dict, list)) and place[key]
        ]
        place = place[data.draw(st.sampled_from(inner))] if inner else place
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(keys))] = data.draw(values())
    try:
        read = record_of(replace(record, result=result).line())
    except InvalidRecordError:
        return
    render(report_of(merge({"a": [read]}, NOW), OPTIONS, NOW))
