"""Faces into pictures, and references where a picture is a frame of a shared cycle."""

from __future__ import annotations

from collections.abc import Iterator

from visavis.avatars.cycles import cycle_faces
from visavis.avatars.figure import Head
from visavis.avatars.pack import Pack
from visavis.avatars.stage import stage
from visavis.core.media import Face, LoopFrame, Picture, Pixels


class PackPainter:
    """Satisfies `core.ports.Painter`: BT.601 limited-range I420 at any even size. One thread at a time per instance."""

    def __init__(self, pack: Pack, width: int, height: int, background: str = "") -> None:
        """background: "" = the pack's own; "#rrggbb". Raises AvatarFailed for a bad size or colour."""
        self._pack, self.width, self.height, self._background = pack, width, height, background
        self._stage = stage(pack, width, height, background)
        self._head = Head(pack)
        self._cycles: dict[str, PackCycle] = {}

    def paint(self, face: Face) -> Picture:
        if face.cycle is not None:
            name, index = face.cycle
            if name not in self._cycles:
                self._cycles[name] = PackCycle(self._pack, name, self.width, self.height, self._background)
            return Picture(self.width, self.height, loop=LoopFrame(self._cycles[name], index))
        return Picture(self.width, self.height, i420=self.pixels(face))

    def pixels(self, face: Face) -> Pixels:
        """The picture itself, also for poses of a cycle. uint8, (height * 3 / 2, width); a new array every time."""
        self._head.draw(face)
        out = self._stage.at(face.breath).copy()
        self._stage.warp.lay(self._head.pixels, face, out)
        return out


class PackCycle:
    """Satisfies `core.media.LoopCycle`: frames are painted when they are asked for, by a painter of their own."""

    def __init__(self, pack: Pack, name: str, width: int, height: int, background: str) -> None:
        self._pack, self._name, self._size, self._background = pack, name, (width, height), background
        self._faces = cycle_faces(name)

    @property
    def key(self) -> tuple[str, ...]:
        return (self._pack.digest, self._name, f"{self._size[0]}x{self._size[1]}", self._background.lower())

    def __len__(self) -> int:
        return len(self._faces)

    def frames(self) -> Iterator[Pixels]:
        painter = PackPainter(self._pack, *self._size, self._background)
        for face in self._faces:
            yield painter.pixels(face)
