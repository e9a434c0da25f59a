"""From the phonemes of a voice, or its sound alone, to the shape of the mouth over time."""

from visavis.lipsync.track import LipTrack

__all__ = ["LipTrack"]
