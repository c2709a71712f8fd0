# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product key shows its last five characters and nothing else, whatever is done to it."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimPath
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ALPHABET, ProductKey

_letters = st.sampled_from(sorted(ALPHABET))
_groups = st.lists(st.text(_letters, min_size=5, max_size=5), min_size=5, max_size=5, unique=True)
full_keys = _groups.map("-".join)


@dataclass
class _Holder:
    key: ProductKey


def _secret_groups(text: str) -> list[str]:
    return text.split("-")[:4]


@given(full_keys)
def test_no_way_of_printing_reveals_more_than_the_last_five(text: str) -> None:
    key = ProductKey(text)
    step = Step("install_product_key", CimPath("SoftwareLicensingService"), "InstallProductKey", "install", key=key)
    shown = [repr(key), str(key), f"{key}", f"{key!r:>60}", format(key, ">60"), "%s %r" % (key, key), repr([key]), str({"k": key})]  # noqa: UP031
    shown += [repr(_Holder(key)), repr(asdict(_Holder(key))), repr(copy.deepcopy(key)), repr(copy.copy(_Holder(key))), repr(step)]
    shown += [json.dumps({"key": key}, default=str)]
    for group in _secret_groups(text):
        assert all(group not in line for line in shown)
    assert all(key.partial_product_key in line for line in shown)


@given(full_keys)
def test_a_key_is_not_written_to_files_or_caches(text: str) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError) as problem:
            pickle.dumps(ProductKey(text), protocol)
        assert not any(group in str(problem.value) for group in _secret_groups(text))


@given(full_keys)
def test_reveal_gives_back_what_was_given_in_normal_form(text: str) -> None:
    assert ProductKey(f"  {text.lower()} \n").reveal() == text
    assert ProductKey.parse(text) == ProductKey(text.lower())
    assert hash(ProductKey.parse(text)) == hash(ProductKey(text.lower()))
    assert ProductKey(text) != text


@given(full_keys, st.integers(0, 4))
def test_a_refused_key_is_not_repeated(text: str, broken: int) -> None:
    groups = text.split("-")
    groups[broken] = groups[broken][:4]
    with pytest.raises(ValueError, match="five groups of five") as problem:
        ProductKey("-".join(groups))
    assert not any(group in "".join(traceback.format_exception(problem.value)) for group in groups if len(group) == 5)


@pytest.mark.parametrize("letter", ["A", "E", "I", "O", "U", "L", "S", "Z", "0", "1", "5", "É", "?"])
def test_a_letter_no_key_has_is_named(letter: str) -> None:
    with pytest.raises(ValueError, match="a product key does not contain") as problem:
        ProductKey(f"BBBB{letter}-CCCCC-DDDDD-FFFFF-GGGGG")
    assert repr(letter) in str(problem.value)
    assert "CCCCC" not in str(problem.value)


@pytest.mark.parametrize(
    "text", ["", "BBBBB", "BBBBBCCCCCDDDDDFFFFFGGGGG", "BBBBB-CCCCC-DDDDD-FFFFF-GGGGG-HHHHH", "-BBBBB-CCCCC-DDDDD-FFFFF"]
)
def test_only_five_groups_of_five_are_a_key(text: str) -> None:
    with pytest.raises(ValueError, match="five groups of five"):
        ProductKey(text)


def test_a_step_hands_out_the_full_key_only_as_argument_of_the_request() -> None:
    text = "BBBBB-CCCCC-DDDDD-FFFFF-GGGGG"
    step = Step("install_product_key", CimPath("SoftwareLicensingService"), "InstallProductKey", "install", key=ProductKey(text))
    assert step.sent_arguments() == {"ProductKey": text}
    assert "CCCCC" not in repr(step)
