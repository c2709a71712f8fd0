# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mask keeps the safe form of short texts, because the results of many machines hold the same ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.secrets import SecretMask

SECRET = "Lab-Passw0rd!"
TEXTS = st.one_of(st.text(max_size=150), st.sampled_from([SECRET, f"say {SECRET.lower()}", "a\x1b[31mb", "x" * 99 + SECRET]))


class Tagged(str):
    """As the texts of Ansible, which have attributes that equal texts of a machine must not get."""

    __slots__ = ()


@given(texts=st.lists(TEXTS, max_size=8))
def test_a_text_has_the_same_safe_form_the_first_time_and_later(texts: list[str]) -> None:
    mask = SecretMask([SECRET])
    first = mask.apply(texts)
    assert mask.apply(texts) == first == [SecretMask([SECRET]).apply(text) for text in texts]
    assert not any(SECRET.lower() in text.lower() for text in first)


def test_a_text_of_a_machine_does_not_get_the_tags_of_an_equal_text_of_ansible() -> None:
    mask = SecretMask([])
    tagged = mask.apply(Tagged("{{ trusted }}"))
    assert type(tagged) is Tagged
    assert type(mask.apply("{{ trusted }}")) is str
