"""A talk on the page: what the visitor does reaches the server, what the server tells is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.web.rehearsal import Rehearsal

from visavis.core.events import (
    Ask,
    Failure,
    Interrupt,
    JobFinished,
    Microphone,
    SpeechRecognized,
    State,
    Stop,
    Subtitle,
)

pytestmark = pytest.mark.browser


def begin(visitor: Page, rehearsal: Rehearsal, query: str = "") -> None:
    visitor.goto(rehearsal.url + query)
    visitor.get_by_test_id("start").click()
    expect(visitor.locator("body[data-phase=talking] .playing")).to_be_visible(timeout=15_000)


def test_start_joins_with_microphone_picture_and_sound(visitor: Page, rehearsal: Rehearsal) -> None:
    hosts: set[str] = set()
    visitor.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    begin(visitor, rehearsal, "?language=CN")
    [job] = rehearsal.started
    assert job["language"] == "CN"
    [offer] = rehearsal.offers
    assert offer.count("m=audio") == offer.count("m=video") == offer.count("m=application") == 1
    assert "a=candidate" in offer
    rehearsal.wait(lambda: rehearsal.messages)
    assert rehearsal.messages == [Microphone(open=True)]
    expect(visitor.get_by_test_id("mic")).to_have_attribute("data-state", "on")
    visitor.wait_for_function("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 5")
    visitor.locator("#details").click()
    expect(visitor.get_by_test_id("figures")).to_contain_text("360×640")
    assert hosts == {f"127.0.0.1:{rehearsal.port}"}, "nothing but the server is asked"


def test_typed_and_suggested_questions_are_asked(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal, "?language=EN")
    text = visitor.get_by_test_id("text")
    text.fill("  Who painted this?  ")
    text.press("Enter")
    expect(text).to_have_value("")
    visitor.get_by_role("button", name="How much is a ticket?").click()
    rehearsal.wait(lambda: len(rehearsal.messages) == 3)
    assert rehearsal.messages[1:] == [Ask(text="Who painted this?"), Ask(text="How much is a ticket?")]
    reply = rehearsal.answer("How much is a ticket?", ["It is ten euros.", "Children pay nothing."])
    bubbles = visitor.get_by_test_id("conversation").locator(".bubble")
    expect(bubbles).to_have_text(
        ["Who painted this?", "How much is a ticket?", "It is ten euros. Children pay nothing."]
    )
    expect(visitor.get_by_test_id("state")).to_have_text("Speaking")
    visitor.get_by_test_id("interrupt").click()
    rehearsal.wait(lambda: rehearsal.messages[-1] == Interrupt())
    rehearsal.finish(reply, "It is ten", interrupted=True)
    expect(bubbles.last.locator(".unheard")).to_have_text(" euros. Children pay nothing.")
    expect(visitor.get_by_test_id("subtitle")).to_be_hidden()
    expect(visitor.get_by_test_id("interrupt")).to_be_disabled()


def test_recognised_words_replace_each_other(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal)
    for words, last in (("where", False), ("where is the", False), ("Where is the toilet?", True)):
        rehearsal.tell(SpeechRecognized(chat_id="1", text=words, is_last=last))
    expect(visitor.get_by_test_id("conversation").locator(".bubble")).to_have_text(["Where is the toilet?"])


def test_the_microphone_button_mutes_and_says_so(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal)
    mic = visitor.get_by_test_id("mic")
    mic.click()
    expect(mic).to_have_attribute("data-state", "muted")
    expect(visitor.get_by_test_id("hint")).to_contain_text("muted")
    expect(visitor.get_by_test_id("state")).to_have_text("Microphone off")
    mic.click()
    rehearsal.wait(lambda: len(rehearsal.messages) == 3)
    assert rehearsal.messages == [Microphone(open=True), Microphone(open=False), Microphone(open=True)]


def test_a_language_nobody_understands_gives_the_microphone_back(visitor: Page, rehearsal: Rehearsal) -> None:
    rehearsal.listening, rehearsal.why = False, "No recogniser for Thai here"
    begin(visitor, rehearsal, "?language=Thai")
    expect(visitor.get_by_test_id("mic")).to_have_attribute("data-state", "unheard")
    expect(visitor.get_by_test_id("conversation")).to_contain_text("No recogniser for Thai here")
    expect(visitor.get_by_test_id("hint")).to_contain_text("recognition")
    assert visitor.evaluate("visavis.player.microphoneTrack") is None
    rehearsal.wait(lambda: rehearsal.messages and rehearsal.messages[-1] == Microphone(open=False))


def test_stop_says_good_bye_and_the_next_talk_can_start(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal)
    visitor.get_by_test_id("stop").click()
    expect(visitor.get_by_test_id("ending")).to_contain_text("You ended the talk")
    rehearsal.wait(lambda: rehearsal.left)
    assert (rehearsal.messages[-1], rehearsal.left) == (Stop(), ["1"])
    visitor.get_by_test_id("start").click()
    expect(visitor.locator("body[data-phase=talking] .playing")).to_be_visible(timeout=15_000)
    assert len(rehearsal.started) == 2


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (JobFinished(state="SUCCEED", reason="NORMAL"), "The talk has ended"),
        (JobFinished(state="SUCCEED", reason="MUTE_TIMEOUT"), "long silence"),
        (JobFinished(state="FAILED", reason="47000001"), "47000001"),
    ],
)
def test_the_servers_verdict_is_told_in_words(
    visitor: Page, rehearsal: Rehearsal, event: JobFinished, words: str
) -> None:
    begin(visitor, rehearsal)
    rehearsal.tell(event)
    expect(visitor.get_by_test_id("ending")).to_contain_text(words)
    expect(visitor.get_by_test_id("start")).to_be_enabled()


def test_a_failed_reply_is_a_notice_and_the_talk_goes_on(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal)
    rehearsal.tell(Failure(code="MSS.47010104", message="The voice did not answer"), State(state="idle"))
    expect(visitor.get_by_test_id("toasts")).to_contain_text("The voice did not answer")
    expect(visitor.get_by_test_id("state")).to_have_text("Ready for you")


def test_a_lost_connection_comes_back_by_itself(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal)
    rehearsal.history = (("user", "Hello?"), ("assistant", "Hello!"))
    rehearsal.drop()
    expect(visitor.get_by_test_id("veil")).to_contain_text("Connection lost", timeout=10_000)
    expect(visitor.get_by_test_id("veil")).to_be_hidden(timeout=15_000)
    assert (len(rehearsal.offers), len(rehearsal.started), rehearsal.left) == (2, 1, [])
    expect(visitor.get_by_test_id("conversation").locator(".bubble")).to_have_text(["Hello?", "Hello!"])
    visitor.get_by_test_id("text").fill("Still there?")
    visitor.get_by_test_id("send").click()
    rehearsal.wait(lambda: rehearsal.messages[-1] == Ask(text="Still there?"))


def test_a_reload_finds_the_talk_where_it_was(visitor: Page, rehearsal: Rehearsal) -> None:
    begin(visitor, rehearsal, "?language=fr")
    visitor.reload()
    expect(visitor.locator("body[data-phase=talking] .playing")).to_be_visible(timeout=15_000)
    assert (len(rehearsal.offers), len(rehearsal.started)) == (2, 1)


@pytest.mark.parametrize("language", ["EN", "CN", "Arabic", "Thai"])
def test_subtitles_stand_in_the_rooms_box_two_lines_high(visitor: Page, rehearsal: Rehearsal, language: str) -> None:
    sentence = {
        "EN": "On the ground floor there is the history of the city, from a fishing village to the great harbour.",
        "CN": "一楼展示城市的历史，从最早的渔村到繁忙的港口，楼上有绘画、乐器，还有一座屋顶花园，欢迎您慢慢参观。",
        "Arabic": "في الطابق الأرضي تاريخ المدينة من قرية الصيد الأولى إلى الميناء الكبير، وفي الأعلى لوحات وحديقة.",
        "Thai": "ชั้นล่างเล่าประวัติศาสตร์ของเมืองตั้งแต่หมู่บ้านชาวประมงแห่งแรกจนถึงท่าเรือใหญ่และชั้นบนมีภาพวาดและเครื่องดนตรี",
    }[language]
    rehearsal.box = {"dx": 100, "dy": 1200, "width": 880, "height": 240}
    begin(visitor, rehearsal, f"?language={language}")
    visitor.emulate_media(reduced_motion="reduce")
    heard_lines = []
    for part in (0.05, 0.5, 1.0):
        rehearsal.tell(Subtitle(reply=1, sentence=0, text=sentence, spoken=round(len(sentence) * part)))
        box = visitor.get_by_test_id("subtitle")
        expect(box).to_have_text(sentence)
        visitor.wait_for_timeout(100)
        seen = visitor.evaluate(
            """() => {
              const rect = (element) => element.getBoundingClientRect()
              const box = document.querySelector('#subtitle'), video = rect(document.querySelector('video'))
              const view = rect(box.firstChild), heard = box.querySelector('.heard')
              const last = [...heard.getClientRects()].at(-1)
              return {
                box: [rect(box).left - video.left, rect(box).top - video.top, rect(box).width, rect(box).height].map(
                  (length) => length / video.width * 1080),
                lines: view.height / parseFloat(getComputedStyle(box).lineHeight),
                visible: last.top >= view.top - 6 && last.bottom <= view.bottom + 6,
                heard: heard.textContent.length,
                scroll: new DOMMatrix(getComputedStyle(box.querySelector('p')).transform).f,
                direction: getComputedStyle(box.querySelector('p')).direction,
              }
            }"""
        )
        assert seen["box"] == pytest.approx([100, 1200, 880, 240], abs=2)
        assert seen["lines"] == 2
        assert seen["visible"], f"the word being heard is in view at {part}"
        assert seen["heard"] >= round(len(sentence) * part)
        assert seen["direction"] == ("rtl" if language == "Arabic" else "ltr")
        heard_lines.append(seen["scroll"])
    assert heard_lines == sorted(heard_lines, reverse=True)
    assert heard_lines[0] == 0 > heard_lines[-1], "a long sentence rolls"
