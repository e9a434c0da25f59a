"""The official Python SDK, unmodified, against the served control plane."""

from __future__ import annotations

from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkmetastudio import v1 as sdk

RANGES: dict[str, tuple[int, int]] = {"offset": (0, 2147483647), "limit": (1, 100)}


@pytest.fixture
def client(served: Any) -> Any:
    return served.client()


def test_rooms_are_listed_with_the_demo_room(served: Any, client: Any) -> None:
    answer = client.list_smart_chat_rooms(sdk.ListSmartChatRoomsRequest())
    assert answer.count >= 1
    room = next(r for r in answer.smart_chat_rooms if r.room_id == served.demo.room_id)
    assert room.room_name == "Exhibition hall with Sara"
    assert room.model_infos.model_asset_id == served.demo.model_asset_id
    assert room.model_infos.asset_name == "Sara"
    assert room.voice_config_list[0].voice_asset_id == served.demo.voice_asset_id
    assert answer.count_concurrency >= 5


def test_query_of_every_kind_is_signed_alike(client: Any) -> None:
    """Spaces, slashes, plus signs, percent signs, ampersands and Chinese in a signed query."""
    for name in ("展厅 1", "a+b", "100%", "a&b=c", "a/b?c", "~-_.", ""):
        answer = client.list_smart_chat_rooms(sdk.ListSmartChatRoomsRequest(room_name=name, offset=0, limit=10))
        assert answer.count == (0 if name else answer.count)


def test_room_lives_from_create_to_delete(served: Any, client: Any) -> None:
    voice = sdk.ChatVoiceConfig(voice_asset_id=served.demo.voice_asset_id, speed=120, language="EN")
    created = client.create_smart_chat_room(
        sdk.CreateSmartChatRoomRequest(
            body=sdk.CreateSmartChatRoomReq(
                room_name="SDK's room 展厅",
                room_description="made by the SDK",
                model_asset_id=served.demo.model_asset_id,
                voice_config_list=[voice],
                robot_id=served.demo.robot_id,
                concurrency=2,
                default_language="EN",
                chat_video_type="HUB",
                exit_mute_threshold=5,
                video_config=sdk.VideoConfig(bitrate=2000, width=1080, height=1920),
                chat_subtitle_config=sdk.ChatSubtitleConfig(dx=10, dy=20, width=300, height=40),
            )
        )
    )
    shown = client.show_smart_chat_room(sdk.ShowSmartChatRoomRequest(room_id=created.room_id))
    assert (shown.room_name, shown.concurrency, shown.chat_video_type) == ("SDK's room 展厅", 2, "HUB")
    assert shown.voice_config_list[0].speed == 120
    assert shown.voice_config.voice_asset_id == served.demo.voice_asset_id
    assert (shown.video_config.width, shown.chat_subtitle_config.height) == (1080, 40)
    updated = client.update_smart_chat_room(
        sdk.UpdateSmartChatRoomRequest(
            room_id=created.room_id, body=sdk.CreateSmartChatRoomReq(room_name="Renamed", concurrency=3)
        )
    )
    assert (updated.room_name, updated.concurrency, updated.exit_mute_threshold) == ("Renamed", 3, 5)
    deleted = client.delete_smart_chat_room(sdk.DeleteSmartChatRoomRequest(room_id=created.room_id))
    assert deleted.status_code in (200, 204)
    with pytest.raises(ClientRequestException) as caught:
        client.show_smart_chat_room(sdk.ShowSmartChatRoomRequest(room_id=created.room_id))
    assert (caught.value.status_code, caught.value.error_code) == (400, "MSS.20010045")
    assert caught.value.request_id


def test_robot_lives_from_create_to_delete(client: Any) -> None:
    created = client.create_robot(
        sdk.CreateRobotRequest(
            body=sdk.CreateRobotReq(
                name="SDK's robot",
                app_type=6,
                robot_type="CHAT",
                language="en_US",
                tail_silence_time=800,
                third_party_model_config=sdk.ThirdPartyModelConfig(
                    app_id="app", app_key="key", llm_url="https://llm.example.test/", is_stream=True, chat_rounds=3
                ),
            )
        )
    )
    shown = client.show_robot(sdk.ShowRobotRequest(robot_id=created.robot_id))
    assert (shown.app_id, shown.app_key, shown.chat_rounds, shown.is_stream) == ("app", "key", 3, True)
    assert (shown.language, shown.tail_silence_time) == ("EN", 800)
    client.update_robot(
        sdk.UpdateRobotRequest(robot_id=created.robot_id, body=sdk.UpdateRobotReq(name="Renamed", tail_silence_time=0))
    )
    listed = client.list_robot(sdk.ListRobotRequest(robot_type="CHAT", limit=100))
    mine = next(r for r in listed.data if r.robot_id == created.robot_id)
    assert (mine.name, mine.tail_silence_time, mine.app_key) == ("Renamed", 0, "key")
    assert (listed.offset, listed.limit) == (0, 100)
    client.delete_robot(sdk.DeleteRobotRequest(body=[created.robot_id]))
    with pytest.raises(ClientRequestException) as caught:
        client.show_robot(sdk.ShowRobotRequest(robot_id=created.robot_id))
    assert caught.value.error_code == "MSS.47010034"


def test_job_lives_from_start_to_stop(served: Any, client: Any) -> None:
    room_id, robot_id = served.demo.room_id, served.demo.robot_id
    started = client.start_smart_chat_job(
        sdk.StartSmartChatJobRequest(
            room_id=room_id, robot_id=robot_id, body=sdk.SmartChatJobsReq(extend_param='{"city": "Genoa"}')
        )
    )
    assert started.status_code == 200
    assert started.rtc_room_info.room_id == started.job_id
    assert [u.user_type for u in started.rtc_room_info.users] == ["END_USER", "PLAYER"]
    assert started.chat_access_address == served.endpoint.removeprefix("http://")
    shown = client.show_smart_chat_job(sdk.ShowSmartChatJobRequest(room_id=room_id, job_id=started.job_id))
    assert (shown.state, shown.chat_state, shown.language) == ("WAITING", 0, "EN")
    listed = client.list_smart_chat_job(sdk.ListSmartChatJobRequest(room_id=room_id, state="WAITING,PROCESSING"))
    assert started.job_id in [job.job_id for job in listed.smart_chat_jobs]
    client.stop_smart_chat_job(sdk.StopSmartChatJobRequest(room_id=room_id, job_id=started.job_id))
    shown = client.show_smart_chat_job(sdk.ShowSmartChatJobRequest(room_id=room_id, job_id=started.job_id))
    assert (shown.state, shown.job_finish_reason) == ("SUCCEED", "NORMAL")
    with pytest.raises(ClientRequestException) as caught:
        client.stop_smart_chat_job(sdk.StopSmartChatJobRequest(room_id=room_id, job_id=started.job_id))
    assert (caught.value.status_code, caught.value.error_code) == (400, "MSS.20010074")


def test_start_without_a_body_is_taken(served: Any, client: Any) -> None:
    for body in (None, sdk.SmartChatJobsReq()):
        request = sdk.StartSmartChatJobRequest(room_id=served.demo.room_id, robot_id=served.demo.robot_id, body=body)
        started = client.start_smart_chat_job(request)
        client.stop_smart_chat_job(sdk.StopSmartChatJobRequest(room_id=served.demo.room_id, job_id=started.job_id))


def test_sdk_finds_its_project_by_name(served: Any) -> None:
    """Without a project id the SDK asks GET /v3/projects, signed, for the project named like its region."""
    credentials = BasicCredentials(served.demo.access_key, served.demo.secret_key).with_iam_endpoint(served.endpoint)
    client = (
        sdk.MetaStudioClient.new_builder()
        .with_credentials(credentials)
        .with_region(Region("demo", served.endpoint))
        .build()
    )
    assert client.list_smart_chat_rooms(sdk.ListSmartChatRoomsRequest()).count >= 1


def test_wrong_secret_is_unauthorized(served: Any) -> None:
    with pytest.raises(ClientRequestException) as caught:
        served.client(secret_key="x" * 40).list_smart_chat_rooms(sdk.ListSmartChatRoomsRequest())
    assert (caught.value.status_code, caught.value.error_code) == (401, "MSS.00000001")
    assert caught.value.error_msg == "Unauthorized"


def test_unknown_key_is_unauthorized(served: Any) -> None:
    with pytest.raises(ClientRequestException) as caught:
        served.client(access_key="UNKNOWNUNKNOWN000000").list_robot(sdk.ListRobotRequest())
    assert (caught.value.status_code, caught.value.error_code) == (401, "MSS.00000001")


def test_another_project_is_forbidden(served: Any) -> None:
    with pytest.raises(ClientRequestException) as caught:
        served.client(project_id="0" * 32).list_robot(sdk.ListRobotRequest())
    assert (caught.value.status_code, caught.value.error_code) == (403, "MSS.47010009")


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, (a, b) in RANGES.items() for v in (a - 1, b + 1)])
def test_paging_out_of_range_is_a_bad_request(client: Any, name: str, value: int) -> None:
    with pytest.raises(ClientRequestException) as caught:
        client.list_smart_chat_rooms(sdk.ListSmartChatRoomsRequest(**{name: value}))
    assert (caught.value.status_code, caught.value.error_code) == (400, "MSS.00000003")
    assert caught.value.error_msg.startswith("Invalid parameter")
