"""Providers are entered once, shared, kept warm and left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from visavis.core.errors import ProviderUnavailable
from visavis.worker.pool import ProviderPool


class Counted:
    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.inside = 0
        self.times = 0

    async def __aenter__(self) -> Counted:
        await asyncio.sleep(0.01)
        self.inside += 1
        self.times += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.inside -= 1


class Shop:
    def __init__(self) -> None:
        self.made: list[Counted] = []
        self.failures = 0

    def load(self, kind: str, name: str, options: dict[str, Any]) -> Counted:
        if self.failures:
            self.failures -= 1
            raise ProviderUnavailable
        self.made.append(Counted(options))
        return self.made[-1]


async def test_two_talks_at_once_share_one_instance() -> None:
    shop = Shop()
    pool = ProviderPool(shop.load)
    async with pool.borrow("tts", "x", {"a": 1}) as one, pool.borrow("tts", "x", {"a": 1}) as two:
        assert one is two
    gathered = await asyncio.gather(*(_borrowed(pool, {"b": 1}) for _ in range(5)))
    assert len({id(p) for p in gathered}) == 1
    assert [p.times for p in shop.made] == [1, 1]
    await pool.close()
    assert [p.inside for p in shop.made] == [0, 0]


async def _borrowed(pool: ProviderPool, options: dict[str, Any]) -> Any:
    async with pool.borrow("tts", "x", options) as provider:
        await asyncio.sleep(0.02)
        return provider


async def test_other_options_are_another_instance() -> None:
    shop = Shop()
    pool = ProviderPool(shop.load)
    async with pool.borrow("tts", "x", {"a": 1}) as one, pool.borrow("tts", "x", {"a": 2}) as two:
        assert one is not two
    await pool.close()


async def test_an_idle_one_stays_warm_until_too_many_do() -> None:
    shop = Shop()
    pool = ProviderPool(shop.load, spare=2)
    for number in range(4):
        async with pool.borrow("brain", "x", {"n": number}):
            pass
    assert [p.inside for p in shop.made] == [0, 0, 1, 1]
    async with pool.borrow("brain", "x", {"n": 3}):
        assert len(shop.made) == 4
    await pool.close()


async def test_one_that_failed_to_load_is_tried_again() -> None:
    shop = Shop()
    shop.failures = 1
    pool = ProviderPool(shop.load)
    with pytest.raises(ProviderUnavailable):
        async with pool.borrow("asr", "x", {}):
            pass
    async with pool.borrow("asr", "x", {}) as provider:
        assert provider.inside == 1
    await pool.close()
