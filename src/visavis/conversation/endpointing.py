"""Who has the floor: pure rules over the probability of speech. No I/O, no clock; time is what the sound says.

QUIET --voiced >= begin--> BEGUN --voiced >= confirm--> TALKING --silent >= tail--> QUIET
                             |                                                        (Ended)
                             +--silent >= give_up--> QUIET (FalseStart: a cough, a door)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Began:
    """Perhaps somebody speaks: whoever speaks now should pause."""

    at: float
    """Clock time of the first voiced sound."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody does speak."""

    at: float


@dataclass(frozen=True, slots=True)
class FalseStart:
    """It was a cough."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn is over."""

    voice: float
    """Clock time at which the voice was last heard."""


Decision = Began | Confirmed | FalseStart | Ended


@dataclass(frozen=True, slots=True)
class Rules:
    """Seconds, but for the two probabilities."""

    on: float = 0.5
    """At least this probable: voiced."""
    off: float = 0.35
    """Below this: silent. Between the two nothing changes (hysteresis)."""
    begin: float = 0.06
    confirm: float = 0.16
    """Voiced sound that makes a turn."""
    give_up: float = 0.3
    """Silence after which an unconfirmed beginning was none."""
    tail: float = 0.5
    """Silence that ends a turn."""
    longest: float = 60.0
    """A turn that does not end (music, a fan) is ended."""

    @staticmethod
    def after(tail_silence: float) -> Rules:
        """The application's tail silence; less than 100 ms would end a turn inside its words."""
        return Rules(tail=max(0.1, tail_silence))


class Endpointing:
    """One microphone. `hear` every piece of sound in turn."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.reset()

    @property
    def begun(self) -> bool:
        """A turn is open, confirmed or not."""
        return self._began is not None

    @property
    def talking(self) -> bool:
        return self._talking

    def reset(self) -> None:
        """Forget an open turn."""
        self._voiced = 0.0
        self._silent = 0.0
        self._first = 0.0
        self._last = 0.0
        self._began: float | None = None
        self._talking = False
        self._on = False

    def hear(self, probability: float, at: float, duration: float) -> list[Decision]:
        """`at`: Clock time of the sound's start; `duration`: seconds."""
        rules = self._rules
        self._on = probability >= (rules.off if self._on else rules.on)
        if self._on:
            if not self._voiced:
                self._first = at
            self._voiced += duration
            self._silent = 0.0
            self._last = at + duration
        else:
            self._silent += duration
        return self._decide(at + duration)

    def finish(self) -> list[Decision]:
        """The microphone was closed: nothing follows."""
        if not self.begun:
            return []
        decision: Decision = Ended(self._last) if self._talking else FalseStart()
        self.reset()
        return [decision]

    def _decide(self, now: float) -> list[Decision]:
        rules = self._rules
        decisions: list[Decision] = []
        if self._began is None and self._voiced >= rules.begin - 1e-6:
            self._began = self._first
            decisions.append(Began(self._first))
        if self._began is not None and not self._talking and self._voiced >= rules.confirm - 1e-6:
            self._talking = True
            decisions.append(Confirmed(self._began))
        if self._talking:
            if self._silent >= rules.tail - 1e-6 or now - self._first >= rules.longest:
                decisions += self.finish()
        elif self._silent >= rules.give_up - 1e-6 and self._voiced:
            decisions += self.finish()
            self.reset()
        return decisions
