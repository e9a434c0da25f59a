"""The command line: serve, worker, migrate, doctor, providers, avatars, keys."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from visavis.core.errors import VisavisError
from visavis.settings import settings

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Talk face to face with a virtual avatar.",
)
keys = typer.Typer(no_args_is_help=True, help="Access keys.")
avatars = typer.Typer(no_args_is_help=True, help="Avatar packs.")
cli.add_typer(keys, name="keys")
cli.add_typer(avatars, name="avatars")

_MARKS = {"good": "✓", "warning": "!", "bad": "✗"}


@cli.command()
def serve() -> None:
    """Serve the page and the API, and hold talks. Settings come from the environment: see docs/operate.md."""
    from visavis import app

    app.serve(settings())


@cli.command(hidden=True)
def worker(fd: Annotated[int, typer.Option(help="Inherited socket to the box.")]) -> None:
    """Hold talks for the server that started this process."""
    from visavis.worker import door

    door.serve(fd)


@cli.command()
def migrate() -> None:
    """Bring the database to this version."""
    from visavis import app

    app.migrate(settings())
    typer.echo(f"{settings().database} is up to date")


@cli.command()
def doctor() -> None:
    """Check this machine: each finding with its cause and cure. Exit status 1 if something is bad."""
    from visavis.doctor import examine

    bad = 0
    for finding in examine(settings()):
        bad += finding.state == "bad"
        typer.echo(f"{_MARKS[finding.state]} {finding.name:<12} {finding.cause}")
        if finding.cure and finding.state != "good":
            typer.echo(f"  {'':<12} → {finding.cure}")
    raise typer.Exit(1 if bad else 0)


@cli.command()
def providers() -> None:
    """List recognisers, brains, voices and detectors with their languages and state."""
    from visavis.providers import registry

    rows = [("KIND", "NAME", "LANGUAGES", "STREAMS", "STATE"), *registry.rows()]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + f"  {row[4]}")


@keys.command("create")
def keys_create(
    project: Annotated[
        str | None, typer.Option(help="Project, by name or id; made if it is new. Default: the demo's.")
    ] = None,
) -> None:
    """Make an access key. Its secret is shown this once."""
    from visavis import app

    project_id, access, secret = asyncio.run(app.create_key(settings(), project))
    typer.echo(f"project id  {project_id}\naccess key  {access}\nsecret key  {secret}")


@avatars.command("preview")
def avatars_preview(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("out/preview"),
    pack: Annotated[str, typer.Option(help="Pack name.")] = "sara",
) -> None:
    """Draw the avatar's poses, mouth shapes and states into a folder."""
    from visavis.avatars import preview

    for path in preview.draw(pack, out):
        typer.echo(path)


def main() -> None:
    """Entry point. Our own errors are one line, not a traceback."""
    try:
        cli()
    except VisavisError as error:
        typer.echo(f"visavis: {error.message} ({error.code})", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
