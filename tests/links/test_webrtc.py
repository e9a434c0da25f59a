"""The WebRTC link against an aiortc peer on this machine."""

from __future__ import annotations

import asyncio
import os

import numpy as np
import pytest
from tests.links.webrtc_client import (
    HEIGHT,
    WIDTH,
    Client,
    box_at,
    canvas,
    joined,
    left,
    linked,
    noticing,
    pitch,
    playing,
    silent,
    speaking,
    tone,
    until,
    visiting,
)

from visavis.core.errors import MediaRefused
from visavis.core.events import CLIENT_MESSAGE, Ask, ClientMessage, Failure, Interrupt, JobFinished, State
from visavis.core.jobs import Peer
from visavis.core.media import Face, Moment, Picture, Sound
from visavis.links.ice import agent_of
from visavis.links.webrtc import WebRtcLink


def say(client: Client, message: ClientMessage) -> None:
    client.channel.send(CLIENT_MESSAGE.dump_json(message).decode())


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
async def test_her_voice_is_heard_at_its_pitch(rate: int) -> None:
    async with linked() as link, visiting(link, video=False) as client, playing(link, speaking(1000.0, rate=rate)):
        await until(lambda: len(client.sound) > 60)
    heard = np.concatenate([samples for _, samples in client.sound[20:]])
    assert pitch(heard, 48_000) == pytest.approx(1000, abs=3)
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(8000 / np.sqrt(2), rel=0.15)


async def test_the_microphone_is_heard_at_16_khz_with_clock_times() -> None:
    async with linked() as link, visiting(link, hertz=440.0, video=False):
        sounds: list[Sound] = []
        async for sound in link.hear():
            sounds.append(sound)
            if len(sounds) == 60:
                break
        now = asyncio.get_running_loop().time()
    assert {(s.rate, len(s.pcm)) for s in sounds} == {(16_000, 640)}
    assert pitch(np.concatenate([s.samples for s in sounds[10:]]).astype(float), 16_000) == pytest.approx(440, abs=3)
    steps = np.diff([s.at for s in sounds[10:]])
    assert np.median(steps) == pytest.approx(0.02, abs=1e-3)
    assert 0 < now - sounds[-1].at < 1


async def test_pictures_arrive_in_their_size_25_a_second_and_move() -> None:
    async with linked() as link, visiting(link) as client, playing(link, speaking()):
        await until(lambda: len(client.pictures) > 30)
    assert {(p.width, p.height) for p in client.pictures} == {(WIDTH, HEIGHT)}
    first = box_at(client.pictures[0]) // 8
    for frame in client.pictures:
        assert box_at(frame) == (first + round(frame.pts / 3600)) * 8 % (WIDTH - 40), "the RTP time tells the picture"
    steps = np.diff(sorted({p.timestamp for p in client.video_packets}))
    assert not np.any(steps % 3600)
    assert np.median(steps) == 3600
    sounds = [p.timestamp for p in client.audio_packets]
    assert set(np.diff(sounds)) == {960}


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_lost_picture_is_answered_with_a_keyframe(codec: str) -> None:
    async with linked() as link, visiting(link, codec=codec) as client, playing(link, speaking()):
        await until(lambda: len(client.pictures) > 20)
        before = len(client.video_packets)
        assert sum(keys(client, codec)) == 1, "one keyframe at the start, then none unasked"
        await client.ask_for_keyframe()
        await until(lambda: any(keys(client, codec)[before:]), 2, "no keyframe")


def keys(client: Client, codec: str) -> list[bool]:
    """Per packet: does a keyframe begin here?"""
    found = []
    for packet in client.video_packets:
        data = packet.payload
        if codec == "VP8":
            # RFC 7741: S bit, partition 0; the payload header's lowest bit is 0 in keyframes.
            descriptor = 4 if data[0] & 0x80 else 1
            found.append(bool(data[0] & 0x10) and not data[descriptor] & 1)
        else:
            kind = data[0] & 31
            # A STAP-A with the parameter sets, or the first fragment of an IDR picture.
            found.append(kind == 5 or (kind == 24 and data[3] & 31 == 7) or kind == 7)
    return found


async def test_flash_and_beep_are_one_moment_at_the_receiver() -> None:
    """Both tracks' RTP times count from one start; the receiver knows it by the sender reports' clock."""

    def moments(number: int) -> Moment:
        on = number % 25 < 5
        sound = tone(number, 1000.0) if on else Sound.silence(0.04, 16_000)
        return Moment(sound, Face(), Picture(WIDTH, HEIGHT, canvas(number, 230 if on else 40)))

    async with linked() as link, visiting(link) as client, playing(link, moments):
        await until(lambda: len(client.pictures) > 80)
    origin_audio, origin_video = client.audio_packets[0], client.video_packets[0]
    # On this machine the way takes no time: a packet's arrival is its sender's clock. Tie each track's RTP clock to
    # the earliest arrival it explains.
    audio_zero = min(p.arrival - (p.timestamp - origin_audio.timestamp) / 48_000 for p in client.audio_packets)
    video_zero = min(p.arrival - (p.timestamp - origin_video.timestamp) / 90_000 for p in client.video_packets)
    loud = [audio_zero + at + np.argmax(np.abs(s) > 2000) / 48_000 for at, s in client.sound if np.abs(s).max() > 2000]
    beeps = [at for at, before in zip(loud[1:], loud, strict=False) if at - before > 0.3]
    light = [(video_zero + float(p.pts) / 90_000, p.to_ndarray(format="gray")[300, 10] > 150) for p in client.pictures]
    flashes = [at for (at, on), (_, was) in zip(light[1:], light, strict=False) if on and not was]
    assert len(beeps) >= 2
    offsets = [min((flash - beep for beep in beeps), key=abs) for flash in flashes if min(beeps) - 0.5 < flash]
    assert len(offsets) >= 2
    assert max(map(abs, offsets)) < 0.04, offsets


async def test_the_channel_carries_events_and_messages() -> None:
    async with linked() as link, noticing(link) as notices, visiting(link, video=False) as client:
        await link.tell(State(state="thinking"))
        await until(lambda: client.events)
        assert client.events == [State(state="thinking")]
        say(client, Ask(text="Where is the toilet?"))
        say(client, Interrupt())
        await until(lambda: len(notices) == 3)
        assert notices[1:] == [Ask(text="Where is the toilet?"), Interrupt()]
        client.channel.send('{"type": "ask"')
        client.channel.send('{"type": "dance"}')
        client.channel.send(b"\xff\x00")
        await until(lambda: len(client.events) == 4)
        assert {e.code for e in client.events[1:] if isinstance(e, Failure)} == {"MSS.00000003"}
        say(client, Interrupt())
        await until(lambda: len(notices) == 4)


async def test_events_wait_for_the_channel_to_open() -> None:
    async with linked() as link:
        client = Client()
        offer = await client.offer(video=False)
        answer = await link.attach(Peer(user_type="END_USER", user_id="v", sdp=offer))
        for _ in range(1000):
            await link.tell(State(state="idle"))
        await link.tell(State(state="listening"))
        await client.accept(answer.sdp)
        await until(lambda: client.events and client.events[-1] == State(state="listening"))
        assert len(client.events) == 256
        await client.close()


async def test_the_last_event_arrives_even_if_the_network_loses_it_once() -> None:
    async with linked() as link:
        client = Client()
        await client.join(link, video=False)
        await until(lambda: client.channel.readyState == "open")
        [attachment] = link._attached.values()
        protocol = agent_of(attachment.connection)._nominated[1].protocol
        send, lost = protocol.send_data, []

        async def lossy(data: bytes, address: tuple[str, int]) -> None:
            if not lost and 20 <= data[0] <= 63:  # DTLS: the data channel, not the sound
                lost.append(data)
            else:
                await send(data, address)

        protocol.send_data = lossy
        await link.tell(JobFinished(state="SUCCEED", reason="NORMAL"))
    assert lost
    await until(lambda: client.events == [JobFinished(state="SUCCEED", reason="NORMAL")], 2)
    await client.close()


async def test_a_viewer_may_watch_but_not_ask_and_is_not_heard() -> None:
    async with (
        linked() as link,
        noticing(link) as notices,
        playing(link, speaking()),
        visiting(link, hertz=440.0) as visitor,
        visiting(link, "player-1", "PLAYER", hertz=880.0) as viewer,
    ):
        await until(lambda: len(viewer.pictures) > 10 and len(visitor.pictures) > 10)
        say(viewer, Ask(text="hello"))
        await until(lambda: viewer.events)
        assert isinstance(viewer.events[0], Failure)
        sounds = [await anext(link.hear()) for _ in range(50)]
        heard = np.concatenate([s.samples for s in sounds]).astype(float)
        assert pitch(heard, 16_000) == pytest.approx(440, abs=3)
        assert joined(notices) == ["visitor-1", "player-1"]
        # One encoder serves both.
        assert len(link._streams) == 1


async def test_hush_drops_what_was_not_played_and_silence_follows_at_once() -> None:
    speech = True

    def moments(number: int) -> Moment:
        return speaking()(number) if speech else silent(number)

    async with linked() as link, visiting(link) as client, playing(link, moments):
        await until(lambda: len(client.sound) > 25)
        speech = False
        mark = client.audio_packets[-1].timestamp
        dropped = await link.hush()
        assert 0 < dropped <= 0.1
        assert await link.hush() == 0
        await asyncio.sleep(0.5)
    first = client.audio_packets[0].timestamp
    loud = [first + round(at * 48_000) for at, s in client.sound if np.abs(s).max() > 500]
    assert max(loud) - mark <= 0.1 * 48_000


async def test_a_late_producer_makes_a_pause_and_no_drift() -> None:
    async def play(link: WebRtcLink) -> None:
        for number in range(75):
            if number in (25, 50):
                await asyncio.sleep(0.4)
            await link.show(speaking()(number))

    async with linked() as link, visiting(link) as client:
        await play(link)
        await until(lambda: len(client.sound) >= len(client.audio_packets) - 5 > 120)
    assert {int(step) for step in np.diff([p.timestamp for p in client.audio_packets])} == {960}, "silence fills it"
    stamps = np.array(sorted({p.timestamp for p in client.video_packets}))
    steps = np.diff(stamps)
    assert not np.any(steps % 3600)
    loud = np.array([np.abs(samples).max() > 2000 for _, samples in client.sound])
    pauses = np.flatnonzero(loud[:-1] & ~loud[1:])
    gaps = np.flatnonzero(steps > 5 * 3600)
    assert len(pauses) >= 2
    assert len(gaps) == 2
    between_sounds = (client.sound[pauses[1]][0] - client.sound[pauses[0]][0]) * 1000
    between_pictures = (stamps[gaps[1]] - stamps[gaps[0]]) / 90
    assert abs(between_sounds - between_pictures) <= 40


async def test_a_returning_visitor_takes_the_former_place() -> None:
    async with linked() as link, noticing(link) as notices, playing(link, speaking()), visiting(link) as first:
        await until(lambda: first.pictures)
        async with visiting(link) as second:
            await until(lambda: len(second.pictures) > 5)
            assert joined(notices) == ["visitor-1", "visitor-1"]
            assert left(notices) == []
            await until(lambda: first.connection.connectionState == "closed", 5, "the former peer is still served")
            assert second.answer is not None
            await link.detach(second.answer.session)
            await until(lambda: left(notices) == [("visitor-1", True)])
            assert not link.watched
            await link.detach(second.answer.session)
            await link.detach("unknown")


async def test_a_peer_that_closes_is_lost_at_once() -> None:
    async with linked() as link, noticing(link) as notices:
        async with visiting(link):
            await until(lambda: joined(notices))
            assert link.watched
        await until(lambda: left(notices) == [("visitor-1", False)], 3)
        assert not link.watched


async def test_a_good_bye_that_comes_after_the_connection_closed_still_counts() -> None:
    async with linked() as link, noticing(link) as notices:
        async with visiting(link) as client:
            await until(lambda: joined(notices))
            assert client.answer
        await until(lambda: left(notices) == [("visitor-1", False)], 3)
        for _ in range(2):
            await link.detach(client.answer.session)
        await until(lambda: left(notices)[1:] == [("visitor-1", True)], 1)


async def test_a_peer_that_vanishes_is_lost_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis.links.webrtc_peer.LOST_AFTER", 2.5)
    async with linked() as link, noticing(link) as notices, visiting(link) as client:
        await until(lambda: joined(notices))
        client.vanish()
        await until(lambda: left(notices) == [("visitor-1", False)], 5)


async def test_a_peer_that_never_connects_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis.links.webrtc_peer.CONNECT_WITHIN", 1.0)
    async with linked() as link, noticing(link) as notices:
        client = Client()
        await link.attach(Peer(user_type="END_USER", user_id="v", sdp=await client.offer()))
        await until(lambda: left(notices) == [("v", False)], 4)
        await client.close()


async def test_two_links_never_mix() -> None:
    async with (
        linked() as one,
        linked() as two,
        visiting(one, hertz=440.0) as a,
        visiting(two, hertz=660.0) as b,
        playing(one, speaking(1000.0)),
        playing(two, speaking(2000.0)),
    ):
        await until(lambda: len(a.sound) > 50 and len(b.sound) > 50)
        for client, link, voice, own in ((a, one, 1000, 440), (b, two, 2000, 660)):
            heard = np.concatenate([s for _, s in client.sound[10:]])
            assert pitch(heard, 48_000) == pytest.approx(voice, abs=3)
            mine = np.concatenate([(await anext(link.hear())).samples for _ in range(40)]).astype(float)
            assert pitch(mine, 16_000) == pytest.approx(own, abs=3)


async def test_nothing_is_encoded_while_nobody_watches() -> None:
    async with linked() as link, visiting(link, video=False) as client, playing(link, speaking()):
        await until(lambda: len(client.sound) > 20)
        assert not link.watched
        assert link._streams == {}


@pytest.mark.parametrize("offer", ["", "garbage", "v=0\r\n", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "\0" * 99])
async def test_garbage_is_refused(offer: str) -> None:
    async with linked() as link:
        with pytest.raises(MediaRefused):
            await link.attach(Peer(user_type="END_USER", user_id="v", sdp=offer))


async def test_a_broken_offer_is_refused_and_leaves_nothing_behind() -> None:
    client = Client()
    good = await client.offer()
    await client.close()
    broken = [
        good.replace("opus/48000", "speex/8000"),
        good.replace("H264", "H999").replace("VP8", "VP999"),
        "\r\n".join(line for line in good.splitlines() if not line.startswith("a=group")) + "\r\n",
        "\r\n".join(line for line in good.splitlines() if not line.startswith("a=ice-pwd")) + "\r\n",
        "\r\n".join(line for line in good.splitlines() if not line.startswith("a=fingerprint")) + "\r\n",
        good.replace("m=application", "m=message"),
        good + "x" * 70_000,
    ]
    await asyncio.sleep(0.1)
    before = len(os.listdir("/proc/self/fd"))
    async with linked() as link:
        for offer in broken:
            with pytest.raises(MediaRefused):
                await link.attach(Peer(user_type="END_USER", user_id="v", sdp=offer))
    await asyncio.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("without", ["hertz", "video", "channel"])
async def test_a_peer_may_leave_out_a_part(without: str) -> None:
    options = {"hertz": None} if without == "hertz" else {without: False}
    async with linked() as link, visiting(link, **options) as client, playing(link, speaking()):
        await link.tell(State(state="idle"))
        if without != "video":
            await until(lambda: client.pictures)
        if without != "hertz":
            await until(lambda: client.sound)
        if without != "channel":
            await until(lambda: client.events)


async def test_names_that_only_multicast_dns_knows_do_not_stall() -> None:
    async with linked() as link, noticing(link) as notices, playing(link, speaking()):
        client = Client()
        offer = await client.offer()
        hidden = "\r\n".join(
            " ".join([*words[:4], "b9d1f5a4-0000-4000-8000-0123456789ab.local", *words[5:]])
            if (words := line.split(" "))[0].startswith("a=candidate")
            else line
            for line in offer.splitlines()
        )
        begun = asyncio.get_running_loop().time()
        answer = await link.attach(Peer(user_type="END_USER", user_id="v", sdp=hidden + "\r\n"))
        assert asyncio.get_running_loop().time() - begun < 0.5
        await asyncio.sleep(0.5)  # the answer is on its way: an agent without candidates must not give up meanwhile
        await client.accept(answer.sdp)
        await until(lambda: joined(notices) == ["v"] and client.pictures)
        await client.close()


async def test_coming_and_going_leaves_no_task_thread_or_socket() -> None:
    async with linked() as link, noticing(link) as notices, playing(link, speaking()):
        async with visiting(link):
            await until(lambda: joined(notices))
        await until(lambda: left(notices))
        await asyncio.sleep(0.3)
        tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
        threads = len(os.listdir("/proc/self/task"))
        for round_ in range(20):
            client = Client()
            await client.join(link)
            assert client.answer
            if round_ % 2:
                await link.detach(client.answer.session)
            await client.close()
        await until(lambda: len(left(notices)) == 21)
        # Sockets close in the background; a leak would stay for ever.
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        await until(lambda: len(os.listdir("/proc/self/fd")) <= files)
        # The loop's own executor grows to a few threads as it likes; a leak would leave one a visit.
        assert len(os.listdir("/proc/self/task")) < threads + 10
