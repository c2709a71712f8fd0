# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared parts of the documentation are in the modules as their sources have them, and what a module says differently is at its marks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import doc_part
import doc_yaml
import return_docs
from project import ToolError

PART = """
parameters:
  returned: always
  code.words: [unreachable]
field:
  description: Why the task failed.
  type: dict
  contains:
    code: {description: "Code of Windows, or a word such as {words}.", type: str, sample: "0xC004F074"}
    meaning: {description: What it means., type: str, sample: "Access was denied."}
    reason:
      description: The code behind it.
      type: dict
      contains:
        code: {description: Its code., type: str, sample: "0x800706BA"}
"""


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection with the part `error`, and no modules so far."""
    monkeypatch.setattr(doc_part, "PARTS", tmp_path / "tools" / "doc_parts")
    monkeypatch.setattr(doc_part, "MODULES", tmp_path / "plugins" / "modules")
    monkeypatch.setattr(return_docs, "ROOT", tmp_path)
    for folder in (doc_part.PARTS, doc_part.MODULES):
        folder.mkdir(parents=True)
    (doc_part.PARTS / "error.yml").write_text(PART, encoding="utf-8")


def module(text: str) -> Path:
    path = doc_part.MODULES / "example.py"
    path.write_text(text, encoding="utf-8")
    return path


def field(*parameters: str, kind: str = "part") -> Any:
    """What a module returns that has the part with these parameters."""
    given = "".join(f"#   {line}\n" for line in parameters)
    return yaml.safe_load(return_docs.written(f"# begin {kind} error (make returns)\n{given}# end error\n"))


def test_every_module_has_the_parts_as_their_sources_have_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert return_docs.main(["--check"]) == 0
    assert "0 problems" in capsys.readouterr().out


def test_a_field_that_was_changed_by_hand_is_found_with_its_line_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = tmp_path / "plugins" / "modules"
    shutil.copytree(doc_part.MODULES, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(doc_part, "MODULES", copied)
    monkeypatch.setattr(return_docs, "ROOT", tmp_path)
    path = copied / "rearm.py"
    text = path.read_text(encoding="utf-8")
    planted = text.replace("    cause: {description: Most common cause.", "    cause: {description: Why it happens.")
    assert planted != text
    path.write_text(planted, encoding="utf-8")
    line = planted[: planted.index("Why it happens")].count("\n") + 1
    assert return_docs.main(["--check"]) == 1
    assert f"plugins/modules/rearm.py:{line}: part error differs: run make returns" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == planted
    assert return_docs.main([]) == 0
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.usefixtures("collection")
def test_a_line_too_many_is_found_too(capsys: pytest.CaptureFixture[str]) -> None:
    path = module("# begin part error (make returns)\n# end error\n")
    assert return_docs.main([]) == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("# end error", "  sample: {}\n# end error"), encoding="utf-8")
    assert return_docs.main(["--check"]) == 1
    assert f"example.py:{len(text.splitlines())}: part error" in capsys.readouterr().out


@pytest.mark.usefixtures("collection")
def test_one_change_of_a_part_changes_every_module() -> None:
    paths = [doc_part.MODULES / f"{name}.py" for name in ("one", "two")]
    for path in paths:
        path.write_text("# begin part error (make returns)\n# end error\n", encoding="utf-8")
    assert return_docs.main([]) == 0
    (doc_part.PARTS / "error.yml").write_text(PART.replace("What it means.", "What it says."), encoding="utf-8")
    assert return_docs.main(["--check"]) == 1
    assert return_docs.main([]) == 0
    assert all("What it says." in path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.usefixtures("collection")
def test_a_module_that_says_nothing_else_has_the_part_and_its_parameters() -> None:
    error = field()["error"]
    assert list(error) == ["description", "returned", "type", "contains"]
    assert error["returned"] == "always"
    assert error["contains"]["code"]["description"] == "Code of Windows, or a word such as V(unreachable)."


@pytest.mark.usefixtures("collection")
def test_parameters_say_what_is_different() -> None:
    error = field(
        "also: It is the first one.",
        "returned: when the task failed",
        "code.words: [a, b, c]",
        "code.also: [Another paragraph.]",
        "meaning.description: In words.",
        "samples: {code: no_key, reason.code: null}",
    )["error"]
    assert error["description"] == "Why the task failed. It is the first one."
    assert error["returned"] == "when the task failed"
    code, meaning, reason = error["contains"].values()
    assert code["description"] == ["Code of Windows, or a word such as V(a), V(b), and V(c).", "Another paragraph."]
    assert (code["sample"], meaning["description"], reason["contains"]["code"]["sample"]) == ("no_key", "In words.", None)


@pytest.mark.usefixtures("collection")
def test_a_subset_of_the_fields_is_possible_and_so_are_fields_that_are_always_null() -> None:
    assert list(field("only: [meaning, code]")["error"]["contains"]) == ["code", "meaning"]
    assert list(field("without: [code, reason.code]", kind="fields of")) == ["meaning", "reason"]
    assert field("always_null: [reason]")["error"]["contains"]["reason"] == {
        "description": "Always V(null) here.",
        "type": "dict",
        "sample": None,
    }


@pytest.mark.usefixtures("collection")
def test_the_fields_stand_where_the_marks_stand() -> None:
    text = return_docs.written("    # begin fields of error (make returns)\n    #   only: [meaning]\n    # end error\n    more: {}\n")
    assert "\n    meaning: {description: What it means., type: str, sample: Access was denied.}\n    # end error\n    more: {}\n" in text


@pytest.mark.usefixtures("collection")
def test_a_part_may_have_another_name_than_its_field() -> None:
    (doc_part.PARTS / "error.yml").write_text(f"name: failure{PART}", encoding="utf-8")
    assert list(field()) == ["failure"]


@pytest.mark.usefixtures("collection")
def test_options_of_another_module_come_with_types_choices_and_defaults() -> None:
    module('DOCUMENTATION = r"""\noptions:\n  skip: {description: [A., B.], type: str, choices: [a, b], default: a}\n"""\n')
    given = "# begin options of example (make returns)\n#   description: What O(example#module:{name}) is to be.\n# end example\n"
    assert yaml.safe_load(return_docs.written(given)) == {
        "skip": {"description": "What O(example#module:skip) is to be.", "type": "str", "choices": ["a", "b"], "default": "a"}
    }


@pytest.mark.usefixtures("collection")
@pytest.mark.parametrize(
    ("parameter", "complaint"),
    [
        ("kode.sample: a", "field kode does not exist"),
        ("without: [kode]", "field kode does not exist"),
        ("only: [kode]", "field kode does not exist"),
        ("always_null: [kode]", "field kode does not exist"),
        ("samples: {kode: a}", "field kode does not exist"),
        ("code.wrods: [a]", "no placeholder for code.wrods"),
        ("code.description: A {thing}.", "thing is missing for: A {thing}."),
        ("code.words: [a", "while parsing"),
    ],
)
def test_a_parameter_that_has_no_effect_is_a_complaint(parameter: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    module(f"# begin part error (make returns)\n#   {parameter}\n# end error\n")
    for arguments in (["--check"], []):
        assert return_docs.main(arguments) == 1
        said = capsys.readouterr().out
        assert "plugins/modules/example.py:3: part error: " in said
        assert complaint in said


@pytest.mark.usefixtures("collection")
@pytest.mark.parametrize(
    "text",
    [
        "# begin part error (make returns)\n",
        "# begin part error (make returns)\n# end errors\n",
        "# begin part error (make returns)\n  # end error\n",
        "# end error\n",
        "# begin all of error (make returns)\n# end error\n",
        "# begin part error (make returns)\n# begin part error (make returns)\n# end error\n",
    ],
)
def test_a_mark_without_its_other_end_is_a_complaint(text: str) -> None:
    with pytest.raises(ToolError, match=r"^\d: '# \w+ .*' has no matching begin or end$"):
        return_docs.written(text)


@pytest.mark.usefixtures("collection")
def test_a_part_that_is_unknown_or_used_by_no_module_is_a_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    module("# begin part eror (make returns)\n# end eror\n")
    assert return_docs.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert "example.py:2: part eror: part eror does not exist" in said
    assert "tools/doc_parts/error.yml: no module uses it" in said


@pytest.mark.parametrize(
    "value",
    [
        "plain words",
        "with: a colon",
        "kms01.example.com:1688",
        "2026-11-20",
        "10.0.19045",
        "1688",
        "null",
        r"C:\ProgramData\kms.evtx",
        "exists: false\n",
        "# no comment",
        "it's, [quoted] {too}",
        "word " * 60 + "end.",
        "with: a colon, and long " + "word " * 60 + "end.",
        ["One sentence.", "Another, longer " + "word " * 40 + "end."],
        {"name": "Windows(R), Professional edition", "channel": None, "count": 3, "licensed": True},
        [],
        "",
    ],
)
def test_whatever_is_written_reads_as_what_it_was(value: object) -> None:
    for fields in ({"name": value}, {"outer": {"description": value, "contains": {"inner": {"sample": value}}}}):
        text = doc_yaml.render(fields, 4)
        assert yaml.safe_load(text) == fields
        assert all(len(line) <= doc_yaml.WIDTH for line in text.splitlines())


def test_what_cannot_be_folded_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be written as YAML: name"):
        doc_yaml.render({"name": f"{'long' * 30}  {'word' * 10}"})
