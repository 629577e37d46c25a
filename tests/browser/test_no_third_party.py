"""What a page asks of somebody else is heard; that none does so is seen on the walk through all, in test_axe.py."""

from __future__ import annotations

import pytest

from .conftest import SitDown, Watch

pytestmark = pytest.mark.browser


def test_the_policy_does_stop_somebody_elses_script(sit_down: SitDown, watch: Watch) -> None:
    """So that the silence there means something: what is listened to does speak."""
    page = sit_down(None, "/accounts/login/")
    page.evaluate(
        """() => {
            const script = document.createElement('script')
            script.src = 'https://cdn.example/x.js'
            document.head.append(script)
            return new Promise((blocked) => { script.onerror = blocked }).then(() => null)
        }"""
    )
    assert any("cdn.example" in words for words in watch.complaints)
