"""The built page in Chromium against the real server, on a phone: typing, interrupting, ending."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.e2e.browsing import events, microphone, page_of, wait_for
from tests.e2e.serving import Server


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_typing_and_the_interrupt_button_on_a_phone(server: Server, tmp_path: Path) -> None:
    with page_of(server, microphone(tmp_path), 390, 844) as page:
        page.get_by_test_id("start").click()
        wait_for(page, "subtitle")
        page.get_by_test_id("interrupt").click()
        wait_for(page, "reply_finished", "e.reply === 1 && e.interrupted")
        page.get_by_test_id("text").fill("Where are the toilets?")
        page.get_by_test_id("send").click()
        wait_for(page, "subtitle", "e.reply === 2")
        assert "ground floor" in "".join(e["text"] for e in events(page, "semantic_recognized"))
        page.screenshot(path=str(Path(os.environ.get("PICTURES", tmp_path)) / "phone.png"))
        page.get_by_test_id("stop").click()
        wait_for(page, "job_finished", "e.state === 'SUCCEED' && e.reason === 'NORMAL'")
