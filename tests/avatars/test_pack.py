"""The built-in pack is whole; a broken pack is refused with its file and field."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from visavis.avatars.pack import BUILT_IN, Pack, load
from visavis.core.errors import AvatarFailed
from visavis.core.media import Mouth


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUILT_IN / "sara", tmp_path / "sara"))


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    edit(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_sara_is_whole_free_and_small() -> None:
    pack = load("sara")
    assert pack.manifest.license == "Apache-2.0"
    assert sum(p.stat().st_size for p in (BUILT_IN / "sara").iterdir()) < 4_000_000
    assert {p.name for p in (BUILT_IN / "sara").iterdir()} == {
        "manifest.json", *(e.file for e in pack.manifest.layers), *(s.file for s in pack.manifest.sprites.values()),
    }  # fmt: skip


def test_at_least_twelve_mouths_are_clearly_different() -> None:
    """Greedy: keep drawings whose lips differ from all kept ones by a lot of picture."""
    cells = [cell.astype(np.int16) for cell in load("sara").sprites["mouth"].cells]
    kept: list[np.ndarray[Any, Any]] = []
    for cell in cells:
        if all(np.abs(cell - other).max(2).mean() > 8 for other in kept):
            kept.append(cell)
    assert len(kept) >= 12
    assert len(cells) >= 40


def test_a_pack_is_loaded_once_and_shared() -> None:
    found: list[Pack] = []
    threads = [threading.Thread(target=lambda: found.append(load("sara"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(pack) for pack in found}) == 1
    with pytest.raises(ValueError, match="read-only"):
        found[0].layers["torso"].pixels[0, 0] = 1


def test_the_digest_is_of_the_content(copy: Path) -> None:
    digest = load(copy).digest
    assert digest == load("sara").digest
    image = cv2.imread(str(copy / "brow-left.webp"), cv2.IMREAD_UNCHANGED)
    image[20, 20] = 255 - image[20, 20]
    cv2.imwrite(str(copy / "brow-left.webp"), image, [cv2.IMWRITE_WEBP_QUALITY, 101])
    change(copy, lambda m: None)
    assert load(copy).digest != digest


def drop_layer(m: dict[str, Any]) -> None:
    m["layers"] = [e for e in m["layers"] if e["name"] != "torso"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda m: m.pop("license"), r"manifest\.json: license: Field required"),
        (lambda m: m.update(format="visavis-avatar/9"), r"manifest\.json: format: "),
        (lambda m: m.update(surprise=1), r"manifest\.json: surprise: "),
        (lambda m: m["views"].update(portrait=[0, 0, 0]), r"manifest\.json: views\.portrait"),
        (lambda m: m["layers"][0].update(file="../secret.webp"), r"layers\.0\.file: "),
        (lambda m: m["layers"][0].update(file="nowhere.webp"), r"nowhere\.webp: No such file"),
        (drop_layer, r"layers: 'torso' is missing"),
        (lambda m: m["sprites"].pop("jaw"), r"sprites: 'jaw' is missing"),
        (lambda m: m["sprites"]["mouth"].update(columns=500), r"mouth\.webp: \d+ cells of \d+x\d+ do not fit"),
        (
            lambda m: m["sprites"]["lids-left"]["poses"][3].pop("open"),
            r"sprites\.lids-left\.poses: a pose has no 'open'",
        ),
        (lambda m: m["sprites"]["mouth"].update(at=[0, 0]), r"mouth: reaches out of head\.rect"),
        (lambda m: m["gaze"].update(travel=[900, 8]), r"eye.*reaches out of head\.rect"),
        (lambda m: m["views"].update(landscape=[0, 0, 0, 900]), r"views\.landscape"),
    ],
)
def test_a_broken_manifest_is_refused_by_file_and_field(copy: Path, edit: Callable[[Any], None], message: str) -> None:
    change(copy, edit)
    with pytest.raises(AvatarFailed, match=message):
        load(copy)


def test_broken_files_and_unknown_names_are_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "face.webp").write_bytes(b"not a picture")
    with pytest.raises(AvatarFailed, match=r"face\.webp: not a picture"):
        load(copy)
    (copy / "face.webp").write_bytes(b"")
    with pytest.raises(AvatarFailed, match=r"face\.webp: not a picture"):
        load(copy)
    (copy / "manifest.json").write_text("{")
    with pytest.raises(AvatarFailed, match=r"manifest\.json: not JSON"):
        load(copy)
    with pytest.raises(AvatarFailed, match=r"manifest\.json: No such file"):
        load(tmp_path)
    for name in ("nobody", "../packs/sara", ""):
        with pytest.raises(AvatarFailed, match=r"no avatar pack .*sara"):
            load(name)


def test_the_nearest_drawing_keeps_what_matters() -> None:
    pack = load("sara")
    poses = pack.sprites["mouth"].poses

    def drawn(mouth: Mouth, smile: float = 0.4) -> dict[str, float]:
        return poses[pack.mouth(mouth, smile)]

    assert drawn(Mouth(press=1))["press"] == 1
    assert drawn(Mouth(jaw=0.12, width=0.1, teeth=1))["teeth"] == 1
    assert drawn(Mouth(jaw=0.2, width=0.1, tongue=1))["tongue"] == 1
    assert drawn(Mouth(jaw=0.2, width=-0.7, round=1))["round"] == 1
    assert drawn(Mouth(jaw=0.85, width=0.1))["jaw"] > 0.75
    assert [drawn(Mouth(), smile)["smile"] for smile in (0, 0.5, 1)] == [0, 0.5, 1]
