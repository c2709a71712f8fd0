# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the surveys of job templates as pictures for the guide, from the objects that the role controller_content ships.

    python tools/survey_picture.py            write the pictures
    python tools/survey_picture.py --check    exit code 1 if a picture differs from its survey

A picture depends only on the questions, so that a change of a survey is visible in the repository.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from controller_data import objects_of
from project import ROOT

IMAGES = ROOT / "docs" / "images"
PREFIX = "Volume activation | "
PICTURES = {"Convert to KMS": "survey-convert-to-kms.svg", "Fail over a KMS host": "survey-fail-over-a-kms-host.svg"}
"""The pictures by their job template."""

WIDTH = 860
MARGIN = 28
GAP = 24
COLUMNS = 2
FIELD = 36
AREA = 72
LETTER = 6.6
"""Width of a letter of a help text in pixels, by which lines are folded."""

STYLE = """\
text { font-family: "Red Hat Text", "Segoe UI", Helvetica, Arial, sans-serif; fill: #151515; font-size: 14px; }
.title { font-size: 20px; font-weight: bold; }
.label { font-weight: bold; }
.help { font-size: 12px; fill: #4d4d4d; }
.required { fill: #c9190b; font-weight: bold; }
.page { fill: #ffffff; stroke: #d2d2d2; }
.field { fill: #ffffff; stroke: #8a8d90; }
.arrow { fill: none; stroke: #4d4d4d; stroke-width: 2; }
"""

FRAME = """\
<svg role="img" aria-label="Survey of {title}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!--
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Made by tools/survey_picture.py
-->
<style>
{style}</style>
<rect class="page" x="0.5" y="0.5" width="{right}" height="{bottom}" rx="6"/>
{elements}
</svg>
"""


@dataclass(frozen=True)
class Field:
    """A question as it is drawn: its label, its help as lines, what the field contains, and the form of the field."""

    label: str
    help: tuple[str, ...]
    content: tuple[str, ...]
    is_required: bool
    is_choice: bool
    is_area: bool

    @property
    def height(self) -> int:
        """Height in pixels, with the space below it."""
        return 24 + 16 * len(self.help) + (AREA if self.is_area else FIELD) + 20


def folded(text: str, width: int) -> tuple[str, ...]:
    """Return a text as lines that fit into a width in pixels."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width / LETTER:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def field_of(question: Mapping[str, Any], width: int) -> Field:
    """Return a question of a survey as a field. The content is the default; that of a password is hidden."""
    default = question.get("default", "")
    text = "\n".join(map(str, default)) if isinstance(default, list) else str(default)
    return Field(
        label=question["question_name"],
        help=folded(question.get("question_description", ""), width),
        content=tuple("•" * 8 if question["type"] == "password" and text else line for line in text.splitlines()),
        is_required=bool(question.get("required")),
        is_choice=question["type"] in {"multiplechoice", "multiselect"},
        is_area=question["type"] in {"textarea", "multiselect"},
    )


def drawn(field: Field, x: int, y: int, width: int) -> Iterator[str]:
    """Return the elements of a field at a place."""
    star = ' <tspan class="required">*</tspan>' if field.is_required else ""
    yield f'<text class="label" x="{x}" y="{y + 14}">{escape(field.label)}{star}</text>'
    for number, line in enumerate(field.help):
        yield f'<text class="help" x="{x}" y="{y + 32 + 16 * number}">{escape(line)}</text>'
    top = y + 24 + 16 * len(field.help)
    yield f'<rect class="field" x="{x}" y="{top}" width="{width}" height="{AREA if field.is_area else FIELD}" rx="3"/>'
    for number, line in enumerate(field.content):
        yield f'<text x="{x + 10}" y="{top + 23 + 18 * number}">{escape(line)}</text>'
    if field.is_choice:
        yield f'<path class="arrow" d="M {x + width - 24} {top + 15} l 6 6 l 6 -6"/>'


def picture(title: str, questions: Sequence[Mapping[str, Any]]) -> str:
    """Return a survey as SVG: the questions in two columns, in their order from left to right."""
    width = (WIDTH - 2 * MARGIN - GAP * (COLUMNS - 1)) // COLUMNS
    fields = [field_of(question, width) for question in questions]
    elements = [f'<text class="title" x="{MARGIN}" y="{MARGIN + 18}">{escape(title)}</text>']
    y = MARGIN + 44
    for start in range(0, len(fields), COLUMNS):
        row = fields[start : start + COLUMNS]
        for column, field in enumerate(row):
            elements += drawn(field, MARGIN + column * (width + GAP), y, width)
        y += max(field.height for field in row)
    height = y + MARGIN - 20
    return FRAME.format(
        title=escape(title), width=WIDTH, height=height, style=STYLE, right=WIDTH - 1, bottom=height - 1, elements="\n".join(elements)
    )


def pictures() -> Mapping[Path, str]:
    """Return the pictures by their files."""
    templates = {template["name"]: template for template in objects_of({})["templates"]}
    surveys = {name: templates[f"{PREFIX}{template}"] for template, name in PICTURES.items()}
    return {IMAGES / name: picture(template["name"], template["survey_spec"]["spec"]) for name, template in surveys.items()}


def main(arguments: list[str]) -> int:
    """Write or check the pictures. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only check that the pictures are current")
    if not parser.parse_args(arguments).check:
        for path, text in pictures().items():
            path.write_text(text, encoding="utf-8")
        return 0
    old = [path.name for path, text in pictures().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for name in old:
        print(f"{name} differs from its survey: run python tools/survey_picture.py", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
