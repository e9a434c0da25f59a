"""The built page in a real browser, against the rehearsal server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.web.rehearsal import STATIC, Rehearsal


# Not for the session: while it is open, Playwright's own event loop runs in this thread and no asynchronous test can.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not os.path.exists(CHROMIUM):
        pytest.skip("Chromium is not installed")
    if not (STATIC / "index.html").exists():
        pytest.skip("the page is not built: make web")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def rehearsal() -> Iterator[Rehearsal]:
    with Rehearsal() as made:
        yield made


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Page]:
    """A laptop visitor who grants the microphone. Fails when the page logs an error."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, permissions=["microphone"])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults
