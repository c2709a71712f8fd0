# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with a report: read the charts, search, sort, export, open a machine, print."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sample_fleet import NOW, OPTIONS, machine, sample_report

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.page import render
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of
from browser import Opened

Open = Callable[..., Opened]
COUNT = 120


def statuses() -> Counter[str]:
    """The statuses of Windows in the fleet, counted from its records."""
    found: Counter[str] = Counter()
    for result in sample_report(COUNT).records.results.values():
        state = "unreachable" if result.get("unreachable") else "failed" if result.get("failed") else None
        found[state or result["products"][0]["status"]] += 1
    return found


def test_charts_are_drawn_to_scale(opened: Open) -> None:
    page = opened().page
    widths = {}
    for row in page.locator("#chart-status tbody tr").all():
        drawn, track = row.locator("rect").nth(1).bounding_box(), row.locator("rect").nth(0).bounding_box()
        assert drawn
        assert track
        widths[row.locator("th").inner_text()] = drawn["width"] / track["width"]
    names = {"Licensed": "licensed", "Notification": "notification", "Not reached": "unreachable", "Not read": "failed"}
    counted = statuses()
    assert widths == {name: pytest.approx(counted[status] / COUNT, abs=0.01) for name, status in names.items()}
    columns = page.locator("svg.columns rect")
    heights = [box["height"] for box in (column.bounding_box() for column in columns.all()) if box]
    numbers = [int(text) for text in page.locator("svg.columns text.count").all_text_contents()]
    assert len(heights) == len(numbers) > 3
    assert [height / max(heights) for height in heights] == [pytest.approx(number / max(numbers), abs=0.02) for number in numbers]


def test_ledger_is_next_to_the_machines_and_its_machines_lead_to_their_pages(opened: Open) -> None:
    page = opened().page
    row = page.locator("#charts table.maks tbody tr", has_text="2X4YB")
    drawn, track = row.locator("rect").nth(1).bounding_box(), row.locator("rect").nth(0).bounding_box()
    assert drawn
    assert track
    assert drawn["width"] == pytest.approx(track["width"]), "333 activations of a budget of 60"
    assert row.locator("td[data-label='Used by the ledger']").inner_text() == "333, 18 not known"
    last = page.locator("[aria-labelledby='section-ledger'] tbody tr")
    assert last.count() == 3 * COUNT
    assert last.first.locator("td").nth(1).inner_text() == "mak-0360"
    assert page.locator("[aria-labelledby='section-ledger'] a").all_inner_texts()[-2:] == ["mak-0020", "mak-0019"]
    page.locator("[aria-labelledby='section-ledger'] a").nth(-2).click()
    assert page.locator("#machine h1").inner_text() == "mak-0020"


def test_search_and_filters_select_machines(opened: Open) -> None:
    shown = opened()
    assert shown.state() == f"{COUNT} of {COUNT} machines"
    assert len(shown.names()) == 50
    shown.page.fill("input[type=search]", "UNLICENSED")
    expected = [name for name in sample_report(COUNT).records.results if name.startswith("unlicensed")]
    assert sorted(shown.names()) == sorted(expected)
    shown.page.fill("input[type=search]", "")
    shown.page.select_option("select[name=status]", "notification")
    assert shown.state() == f"{statuses()['notification']} of {COUNT} machines"
    shown.page.fill("input[type=search]", "0xC004F038")
    assert 0 < len(shown.names()) < statuses()["notification"]
    shown.page.fill("input[type=search]", "no such machine")
    assert shown.state() == "No machine matches the filters."
    assert shown.names() == []
    shown.page.click("#clear")
    assert shown.state() == f"{COUNT} of {COUNT} machines"


def test_columns_sort_in_both_directions_and_names_in_natural_order(opened: Open) -> None:
    shown = opened()
    assert shown.page.locator("th[aria-sort=ascending]").get_attribute("data-column") == "findings"
    shown.sort("expires")
    ends = [text for text in shown.column("expires") if text]
    assert ends == sorted(ends)
    shown.sort("expires")
    assert shown.page.locator("th[aria-sort=descending]").get_attribute("data-column") == "expires"
    shown.page.fill("input[type=search]", "renewed")
    shown.sort("name")
    first = shown.names()
    assert first == sorted(first)
    shown.page.click("#next")
    assert shown.page.locator("#place").inner_text().startswith("51 to ")
    assert not set(first) & set(shown.names())
    shown.page.click("#previous")
    assert shown.names() == first
    assert shown.page.locator("#previous").is_disabled()


def test_reason_leads_to_its_machines_in_the_table(opened: Open) -> None:
    shown = opened()
    group = shown.page.locator("article.group", has_text="0xC004F06C")
    count = group.locator("h3 .muted").inner_text()
    group.get_by_text("Show in the table").click()
    expect(shown.page.locator("#table-state")).to_have_text(f"{count.split(' ')[0]} of {COUNT} machines")
    assert set(shown.column("findings")) == {"Not licensed"}
    shown.page.locator(".figure", has_text="Not read").locator("a").click()
    expect(shown.page.locator("#table-state")).to_have_text(f"{statuses()['unreachable'] + statuses()['failed']} of {COUNT} machines")


def test_export_has_the_filtered_machines_and_no_formula(opened: Open) -> None:
    shown = opened()
    shown.page.select_option("select[name=status]", "unreachable")
    with shown.page.expect_download() as download:
        shown.page.click("#export")
    assert download.value.suggested_filename == "machines.csv"
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == statuses()["unreachable"]
    assert {row["Status"] for row in rows} == {"unreachable"}
    assert all("refused the connection" in row["Message"] for row in rows)
    made = shown.page.evaluate("""() => csvOf(["a"], [["=1+1"], ["+1"], ["-x"], ["@x"], ['q"q'], ["l\\nl"], [null], [-5]])""")
    assert made == 'a\r\n\'=1+1\r\n\'+1\r\n\'-x\r\n\'@x\r\n"q""q"\r\n"l\nl"\r\n\r\n-5\r\n'


def test_machine_opens_with_its_products_and_findings_and_closes(opened: Open) -> None:
    shown = opened()
    shown.page.fill("input[type=search]", "overdue")
    name = shown.names()[0]
    shown.page.click("#table tbody th a")
    heading = shown.page.locator("#machine h1")
    expect(heading).to_have_text(name)
    expect(heading).to_be_focused()
    assert shown.page.title() == f"{name} - Activation report"
    page = shown.page.locator("#machine")
    expect(page).to_contain_text("Last request failed")
    expect(page).to_contain_text("kms1.example.com:1688 (from DNS)")
    expect(page).to_contain_text("Enterprise edition")
    assert shown.page.locator("#report").is_hidden()
    shown.page.get_by_text("Back to the report").click()
    expect(page).to_be_hidden()
    assert shown.page.title() == "Activation report"
    assert shown.page.input_value("input[type=search]") == "overdue"
    shown.page.go_back()
    expect(heading).to_be_visible()


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("Activation object", "Active Directory only", "Covered by an activation object")),
        ("ja", ("ライセンス認証オブジェクト", "Active Directory のみ", "ライセンス認証オブジェクトの対応")),
    ],
)
def test_machine_of_active_directory_shows_its_object_as_a_text_and_whether_one_covers_it(
    browser: Browser, tmp_path: Path, language: str, texts: tuple[str, ...]
) -> None:
    ad = {"object_name": "<b>Server 2022</b>", "object_dn": "CN=Server 2022,CN=Activation Objects"}
    found = machine(random.Random(1), 1, activated_by="ad", activation_type="ad", ad=ad)
    found["object_coverage"] = [{"activation_id": found["products"][0]["activation_id"], "covered": True}]
    path = tmp_path / "report.html"
    records = merge({"a": [Record("pc1", NOW, found)]}, NOW)
    path.write_text(render(report_of(records, {**OPTIONS, "language": language}, NOW)), encoding="utf-8")
    shown = Opened(browser, path)
    shown.page.click("#table tbody th a")
    page = shown.page.locator("#machine")
    for text in (*ad.values(), *texts):
        expect(page).to_contain_text(text)
    assert page.locator("b").count() == 0
    assert shown.complaints == []
    shown.close()


def test_machine_that_was_not_read_shows_why(opened: Open) -> None:
    shown = opened()
    shown.page.select_option("select[name=status]", "failed")
    shown.page.click("#table tbody th a")
    expect(shown.page.locator("#machine")).to_contain_text("access was denied")
    expect(shown.page.locator("#machine ol li").first).to_be_visible()


def test_address_of_a_machine_that_is_not_in_the_report_says_so(opened: Open) -> None:
    shown = opened()
    shown.page.evaluate("location.hash = '#machine/' + encodeURIComponent('<b>nobody</b>')")
    expect(shown.page.locator("#machine")).to_contain_text("no machine with the name <b>nobody</b>")
    assert shown.page.locator("#machine b").count() == 0


def test_keyboard_reaches_the_table_and_a_machine(opened: Open) -> None:
    shown = opened()
    shown.page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert shown.page.evaluate(f"{focused}.className") == "skip"
    shown.page.keyboard.press("Enter")
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate(f"{focused}.name") == "search"
    shown.page.keyboard.type("mak-0")
    for _step in range(7):
        shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate(f"{focused}.closest('th').dataset.column") == "name"
    shown.page.keyboard.press("Enter")
    assert shown.page.locator("th[aria-sort=ascending]").get_attribute("data-column") == "name"
    while shown.page.evaluate(f"{focused}.closest('thead') !== null"):
        shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator("#machine h1")).to_contain_text("mak-0")


def test_paper_has_the_summary_and_the_findings_only(opened: Open) -> None:
    page = opened(scheme="dark").page
    page.emulate_media(media="print")
    for selector in (".figures", "#attention article >> nth=0", "#charts", "svg.columns"):
        expect(page.locator(selector).first).to_be_visible()
    for selector in ("#machines", "#sections", "header nav", "#filters", "footer"):
        expect(page.locator(selector)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_without_a_script_the_summary_and_the_findings_are_there(opened: Open) -> None:
    page = opened(script=False).page
    expect(page.locator(".figure").first).to_be_visible()
    expect(page.locator("#attention article").first).to_be_visible()
    expect(page.locator("#table-state")).to_contain_text("need JavaScript")


def test_browser_that_cannot_unpack_the_data_says_so(opened: Open) -> None:
    shown = opened(before="delete window.DecompressionStream")
    expect(shown.page.locator("#table-state")).to_contain_text("cannot unpack the data")


def test_page_cannot_send_anything_and_runs_no_other_script(opened: Open) -> None:
    shown = opened()
    attempts = """async () => {
      const image = document.createElement("img");
      image.src = "http://127.0.0.1:9/picture.png";
      const script = document.createElement("script");
      script.textContent = "window.wasRun = true";
      document.body.append(image, script);
      const sent = await fetch("http://127.0.0.1:9/").then(() => "sent", () => "refused");
      return [sent, window.wasRun === true];
    }"""
    assert shown.page.evaluate(attempts) == ["refused", False]
    assert len(shown.complaints) >= 3
    assert all("Content Security Policy" in complaint for complaint in shown.complaints)
    shown.complaints.clear()


def test_ten_thousand_machines_can_be_searched_and_sorted(opened: Open) -> None:
    shown = opened(10_000)
    shown.page.fill("input[type=search]", "kms-host server 2022")
    expect(shown.page.locator("#table-state")).to_contain_text("of 10000 machines")
    assert 0 < len(shown.names()) <= 50
    shown.page.click("#clear")
    shown.sort("name")
    assert shown.names() == sorted(shown.names())
    shown.page.click("#table tbody th a")
    expect(shown.page.locator("#machine h1")).to_be_visible()


def test_report_in_japanese_works(opened: Open) -> None:
    shown = opened(language="ja")
    assert shown.page.locator("html").get_attribute("lang") == "ja"
    assert shown.state() == f"{COUNT} 台のうち {COUNT} 台"
    shown.page.fill("input[type=search]", "未認証")
    assert {name.split("-")[0] for name in shown.names()} == {"unlicensed"}
    shown.page.click("#table tbody th a")
    expect(shown.page.locator("#machine")).to_contain_text("対処方法")
    assert shown.page.locator("#machine ol li").first.inner_text().isascii() is False
    meaning, message = shown.page.locator("#machine article p").all()[:2]
    assert (meaning.inner_text(), meaning.get_attribute("lang")) == (
        "製品がライセンス認証されていません。コードは、最後の要求または Windows によるものです。",
        None,
    )
    assert message.get_attribute("lang") == "en"
    shown.page.evaluate("location.hash = '#machine/unreachable-0026'")
    expect(shown.page.locator("#machine article p").first).to_have_text(
        "コンピューターが応答しないか、接続を拒否しました。ライセンスの状態は不明です。"
    )
