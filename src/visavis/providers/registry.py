"""Which providers there are, and how to get one.

Plugins announce theirs under the entry point group `visavis.providers`: an entry point names a function that returns
an iterable of `ProviderSpec`, as `builtin.specs` does. Nothing is imported before it is needed.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from visavis.core.errors import InvalidParameter, ProviderUnavailable
from visavis.core.languages import BCP47
from visavis.providers import builtin
from visavis.providers.spec import Kind, ProviderSpec

log = logging.getLogger(__name__)

GROUP = "visavis.providers"


def specs() -> tuple[ProviderSpec, ...]:
    """All providers, ours first, in the order of a talk."""
    return tuple(_table().values())


def lookup(kind: str, name: str) -> ProviderSpec:
    """Raises ProviderUnavailable."""
    try:
        return _table()[kind, name]
    except KeyError:
        there = ", ".join(known for of, known in _table() if of == kind) or "none"
        raise ProviderUnavailable(f"There is no {kind} provider {name!r} (there is: {there})") from None


def load(kind: str, name: str, options: dict[str, Any]) -> Any:
    """An instance with these options, not entered yet.

    Raises ProviderUnavailable; InvalidParameter naming the option that is wrong.
    """
    provider = _class(lookup(kind, name))
    try:
        valid = provider.Options.model_validate(options)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "options"
        raise InvalidParameter(f"Invalid parameter: {field} of {kind} {name}: {first['msg']}") from error
    return provider(valid)


def option_names(kind: str, name: str) -> frozenset[str]:
    """Options that the provider knows. Raises ProviderUnavailable."""
    return frozenset(_class(lookup(kind, name)).Options.model_fields)


def state(spec: ProviderSpec) -> str:
    """ "ready", or what is missing and what to do about it."""
    missing = [package for package in spec.packages if find_spec(package) is None]
    if missing:
        return f"needs {', '.join(missing)}: install the package"
    if spec.check:
        module, _, function = spec.check.partition(":")
        needed: str = getattr(importlib.import_module(module), function)()
        if needed:
            return f"needs {needed}"
    return "ready"


def rows() -> list[tuple[str, str, str, str, str]]:
    """For `visavis providers`: kind, name, languages, streams, state; last, what nobody here can do."""
    found: list[tuple[str, str, str, str, str]] = [
        (s.kind, s.name, " ".join(s.languages) or "any", "yes" if s.streaming else "no", state(s)) for s in specs()
    ]
    for kind, words in _GAPS.items():
        ready = [s for s in specs() if s.kind == kind and state(s) == "ready"]
        if not all(s.languages for s in ready):
            continue
        silent = [code for code in BCP47 if not any(code in s.languages for s in ready)]
        if silent:
            found.append((kind, "-", " ".join(silent), "-", words))
    return found


_GAPS = {
    "asr": "none: no offline recogniser; the page offers typing and the browser's own recognition",
    "tts": "none: there is no offline voice",
}


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], ProviderSpec]:
    """Read once: what is installed does not change while we run."""
    table = {(s.kind, s.name): s for s in builtin.specs()}
    for point in entry_points(group=GROUP):
        try:
            announced: Iterable[ProviderSpec] = point.load()()
            for spec in announced:
                # Ours can't be replaced unnoticed: a plugin takes a name of its own.
                if table.setdefault((spec.kind, spec.name), spec) is not spec:
                    log.warning("plugin %s: there already is a %s provider %r", point.name, spec.kind, spec.name)
        except Exception:
            log.exception("plugin %s can't be loaded and is left out", point.name)
    order = {kind: n for n, kind in enumerate(get_args(Kind))}
    return dict(sorted(table.items(), key=lambda item: order.get(item[0][0], len(order))))


class _Provider:
    """What `_class` returns: any class with nested Options, constructed with them."""

    Options: type[BaseModel]

    def __init__(self, options: BaseModel) -> None: ...


def _class(spec: ProviderSpec) -> type[_Provider]:
    module, _, name = spec.target.partition(":")
    try:
        found: type[_Provider] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ProviderUnavailable(f"The {spec.kind} provider {spec.name!r} can't be loaded: {error}") from error
    return found


__all__ = ["GROUP", "Kind", "ProviderSpec", "load", "lookup", "option_names", "rows", "specs", "state"]
