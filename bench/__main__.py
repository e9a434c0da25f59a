"""`python -m bench`: measure and print one table."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from bench import av_offset, cpu, list_requests, memory, pipecat, replies
from bench.plan import Plan
from bench.table import Row, render

FIGURES: Final[Mapping[str, Callable[[Plan], Awaitable[list[Row]]]]] = {
    "reply": replies.overhead,
    "barge-in": replies.barge_in,
    "cpu": cpu.measure,
    "av": av_offset.measure,
    "memory": memory.measure,
    "list": list_requests.measure,
}


def main() -> None:
    arguments = _arguments()
    plan = Plan(rounds=arguments.rounds, scale=arguments.scale, pipecat=arguments.pipecat)
    rows, failed = asyncio.run(_run(arguments.only or list(FIGURES), plan))
    print(f"\n{_machine()}\n\n{render(rows)}\n\nMedian (quartiles) of n rounds, both sides in turn. See docs/bench.md.")
    if arguments.json:
        found = {"machine": _machine(), "rounds": plan.rounds, "rows": [row.as_json() for row in rows]}
        arguments.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    if failed:
        sys.exit(f"Not measured: {', '.join(failed)}. The causes stand above.")


async def _run(names: list[str], plan: Plan) -> tuple[list[Row], list[str]]:
    """The rows, and the figures that could not be measured: one that fails must not cost the others."""
    if plan.pipecat:
        print("Pipecat: making its environment (some minutes, 800 MB) unless it is there", file=sys.stderr)
        await pipecat.install()
    rows: list[Row] = []
    failed: list[str] = []
    for name in names:
        begun = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            rows += await FIGURES[name](plan)
        except Exception:
            traceback.print_exc()
            failed.append(name)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return rows, failed


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against peers and limits.")
    parser.add_argument("--only", action="append", choices=list(FIGURES), help="one figure; may be given again")
    parser.add_argument("--pipecat", action="store_true", help="measure Pipecat too")
    parser.add_argument("--rounds", type=int, default=Plan().rounds, help="turns of each side (%(default)s)")
    parser.add_argument("--scale", type=float, default=Plan().scale, help="length of measuring windows (%(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
