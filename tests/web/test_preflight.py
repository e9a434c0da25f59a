"""What can't work is named before and at the start, with a cure; a phone and a keyboard find everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.rehearsal import Rehearsal

from visavis.core.events import Microphone

pytestmark = pytest.mark.browser


def named(visitor: Page, cause: str, words: str) -> None:
    card = visitor.get_by_test_id("preflight").locator(f"[data-cause={cause}]")
    expect(card).to_contain_text(words, timeout=20_000)
    assert card.locator("p").inner_text(), "a cure"


def change(**fields: object) -> Callable[[Rehearsal], None]:
    def apply(rehearsal: Rehearsal) -> None:
        for name, value in fields.items():
            assert hasattr(rehearsal, name)
            setattr(rehearsal, name, value)

    return apply


@pytest.mark.parametrize(
    ("trouble", "cause", "words"),
    [
        (change(quota_free=0), "quota_full", "taken"),
        (change(capacity_free=0), "capacity_full", "occupied"),
        (change(ready=False), "server_not_ready", "No worker process is ready yet"),
        (change(closed=True), "room_closed", "MSS.47010009"),
    ],
)
def test_what_is_wrong_before_the_start(
    visitor: Page, rehearsal: Rehearsal, trouble: Callable[[Rehearsal], None], cause: str, words: str
) -> None:
    trouble(rehearsal)
    visitor.goto(rehearsal.url)
    named(visitor, cause, words)
    expect(visitor.get_by_test_id("start")).to_have_text("Try again")
    assert not rehearsal.started
    change(quota_free=1, capacity_free=1, ready=True, closed=False)(rehearsal)
    visitor.get_by_test_id("start").click()
    expect(visitor.locator("body[data-phase=talking]")).to_be_visible(timeout=15_000)


def test_a_refused_start_shows_the_services_code(visitor: Page, rehearsal: Rehearsal) -> None:
    rehearsal.refusal = ("MSS.20010135", "Running tasks exceed the room's concurrency")
    visitor.goto(rehearsal.url)
    visitor.get_by_test_id("start").click()
    named(visitor, "quota_full", "MSS.20010135")
    assert visitor.evaluate("visavis.player.microphone") == "off", "given back"


@pytest.mark.slow
def test_a_blocked_media_path_is_named_and_the_place_given_back(visitor: Page, rehearsal: Rehearsal) -> None:
    rehearsal.media_blocked = True
    visitor.goto(rehearsal.url)
    visitor.get_by_test_id("start").click()
    named(visitor, "media_blocked", "TURN")
    rehearsal.wait(lambda: rehearsal.left)


def test_a_dead_server_is_one_cause_and_not_two(visitor: Page, rehearsal: Rehearsal) -> None:
    visitor.goto(rehearsal.url)
    expect(visitor.locator("[data-check=place][data-verdict=ok]")).to_be_visible()
    rehearsal.stop()
    visitor.get_by_test_id("start").click()
    named(visitor, "server_unreachable", "does not answer")
    expect(visitor.locator("[data-cause]")).to_have_count(1)


def test_a_refused_microphone_leaves_typing(chromium: Browser, rehearsal: Rehearsal) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError') }"
    )
    page.goto(rehearsal.url)
    page.get_by_test_id("start").click()
    expect(page.locator("body[data-phase=talking] .playing")).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id("mic")).to_have_attribute("data-state", "denied")
    expect(page.get_by_test_id("hint")).to_contain_text("refused the microphone")
    rehearsal.wait(lambda: rehearsal.messages == [Microphone(open=False)])
    context.close()


def test_a_visitor_who_leaves_the_prompt_unanswered_goes_on_by_typing(chromium: Browser, rehearsal: Rehearsal) -> None:
    context = chromium.new_context(permissions=["microphone"])
    page = context.new_page()
    page.add_init_script(
        """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
        navigator.mediaDevices.getUserMedia = (wanted) =>
          new Promise((allow) => (window.allow = () => allow(ask(wanted))))"""
    )
    page.goto(rehearsal.url)
    start = page.get_by_test_id("start")
    start.click()
    expect(start).to_have_text("Go on by typing")
    assert not rehearsal.started, "nobody holds a place while reading a prompt"
    start.click()
    expect(page.locator("body[data-phase=talking] .playing")).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id("mic")).to_have_attribute("data-state", "off")
    page.evaluate("allow()")  # later, in the middle of the talk
    expect(page.get_by_test_id("mic")).to_have_attribute("data-state", "on")
    rehearsal.wait(lambda: rehearsal.messages == [Microphone(open=False), Microphone(open=True)])
    rehearsal.wait(lambda: rehearsal.loudest > 500)  # the browser's test sound arrives: no second offer was needed
    assert len(rehearsal.offers) == 1
    context.close()


def test_a_permission_taken_away_is_named_before_the_start(chromium: Browser, rehearsal: Rehearsal) -> None:
    context = chromium.new_context(permissions=["geolocation"])  # what is not granted then is denied
    page = context.new_page()
    page.goto(rehearsal.url)
    named(page, "microphone_denied", "not allowed")
    expect(page.get_by_test_id("start")).to_have_text("Start talking")
    context.close()


def test_a_page_without_https_says_why_there_is_no_microphone(chromium: Browser, rehearsal: Rehearsal) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(rehearsal.url)
    named(page, "insecure_page", "https")
    expect(page.locator("[data-cause]")).to_have_count(1)
    page.get_by_test_id("start").click()
    expect(page.locator("body[data-phase=talking]")).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id("mic")).to_have_attribute("data-state", "insecure")
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_overflows_and_every_control_is_named_and_large_enough(
    chromium: Browser, rehearsal: Rehearsal, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, permissions=["microphone"])
    page = context.new_page()
    page.goto(rehearsal.url)
    page.get_by_test_id("start").click()
    expect(page.locator("body[data-phase=talking] .playing")).to_be_visible(timeout=15_000)
    rehearsal.answer("Why?", ["Because " + "of this and that " * 30])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faults = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, [role=log], video')].flatMap((control) => {
          const { width, height } = control.getBoundingClientRect(), name = control.id || control.textContent
          if (!width) return []
          const words = [control.getAttribute('aria-label'), control.labels?.[0]?.textContent, control.textContent]
            .some((text) => text?.trim())
          const small = control.tagName === 'BUTTON' && control.id !== 'handle' && Math.min(width, height) < 44
          return [words ? '' : `${name} has no name`, small ? `${name} is ${width}x${height}` : ''].filter(Boolean)
        })"""
    )
    assert faults == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
    context.close()


def test_the_page_speaks_chinese_to_a_chinese_browser(chromium: Browser, rehearsal: Rehearsal) -> None:
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(rehearsal.url)
    expect(page.get_by_test_id("start")).to_have_text("开始对话")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page.get_by_test_id("language")).to_have_value("CN")
    questions = page.get_by_test_id("hot-questions")
    expect(questions).to_contain_text("门票多少钱？")
    page.get_by_test_id("language").select_option("EN")
    expect(questions).to_contain_text("How much is a ticket?")
    context.close()
