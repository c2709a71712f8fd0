# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of surveys show every question, and are those of the surveys that are shipped."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import survey_picture

SVG = "{http://www.w3.org/2000/svg}"


def texts(question: dict[str, Any]) -> list[str]:
    """The texts of a picture with one question."""
    root = ET.fromstring(survey_picture.picture("A job", [{"question_name": "Q", "type": "text", **question}]))
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def test_the_pictures_are_current() -> None:
    assert survey_picture.main(["--check"]) == 0


def test_a_picture_that_differs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(survey_picture, "IMAGES", tmp_path)
    assert survey_picture.main(["--check"]) == 1
    assert "survey-convert-to-kms.svg differs from its survey" in capsys.readouterr().err
    assert survey_picture.main([]) == 0
    assert survey_picture.main(["--check"]) == 0


def test_a_required_question_has_a_star_and_a_default_is_shown() -> None:
    assert texts({"required": True, "default": 5}) == ["A job", "Q *", "5"]
    assert texts({"required": False, "question_description": "What <it> is for."}) == ["A job", "Q", "What <it> is for."]


def test_the_default_of_a_password_is_not_shown() -> None:
    assert "secret" not in "".join(texts({"type": "password", "default": "secret"}))


def test_a_choice_has_an_arrow_and_no_other_question_has() -> None:
    choice = survey_picture.picture("A job", [{"question_name": "Q", "type": "multiplechoice", "choices": ["a"]}])
    assert ("<path" in choice, "<path" in survey_picture.picture("A job", [{"question_name": "Q", "type": "text"}])) == (True, False)


@pytest.mark.parametrize("path", survey_picture.pictures(), ids=lambda path: path.name)
def test_a_picture_has_every_question_within_its_page(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    *_, width, height = map(float, root.attrib["viewBox"].split())
    labels = [element for element in root.iter(f"{SVG}text") if element.attrib.get("class") == "label"]
    fields = [element for element in root.iter(f"{SVG}rect") if element.attrib["class"] == "field"]
    assert len(labels) == len(fields) > 5
    for field in fields:
        assert float(field.attrib["x"]) + float(field.attrib["width"]) < width
        assert float(field.attrib["y"]) + float(field.attrib["height"]) < height
