"""Settings of one installation: read once from the environment (prefix VISAVIS_; PORT and DATA also bare)."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _data_folder() -> Path:
    """XDG Base Directory Specification: $XDG_DATA_HOME, else ~/.local/share."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "visavis"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="VISAVIS_", use_attribute_docstrings=True, extra="ignore", populate_by_name=True
    )

    host: str = "0.0.0.0"
    """Address the HTTP server listens on."""
    port: Annotated[int, Field(ge=0, le=65535, validation_alias=AliasChoices("VISAVIS_PORT", "PORT", "port"))] = 8080
    """TCP port of the HTTP server."""
    data: Annotated[Path, Field(validation_alias=AliasChoices("VISAVIS_DATA", "DATA", "data"))] = Field(
        default_factory=_data_folder
    )
    """Folder of the database, published files and demo.json."""
    database_url: str = ""
    """SQLAlchemy URL; empty = SQLite in the data folder."""
    public_url: str = ""
    """How clients reach this server, e.g. https://avatar.example.org; empty = http://127.0.0.1:PORT."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    log_json: bool = False
    """One JSON object a line instead of text for people."""

    open_room: bool = True
    """Visitors of the page may talk in the demo room without a credential (quota and capacity hold)."""
    join_timeout: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """Seconds in which somebody must join a task; then it fails."""
    grace_period: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """Seconds a lost visitor may take to come back; then the task succeeds."""
    lease: Annotated[float, Field(ge=1, le=60)] = 4.0
    """Seconds a worker keeps its tasks without a report; then they fail and their quota returns."""
    workers: Annotated[int, Field(ge=0, le=256)] = 0
    """Most worker processes; 0 = one a core."""
    talks_per_worker: Annotated[int, Field(ge=1, le=64)] = 2
    """Talks with a rendered avatar that one worker process carries at full quality."""
    max_jobs: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Most tasks that may wait for their visitor or run at once on this box."""

    advertised_address: str = ""
    """Public IP address put into the media candidates when this box is behind NAT."""
    udp_ports: Annotated[str, Field(pattern=r"^(\d{1,5}-\d{1,5})?$")] = ""
    """UDP ports for media, "low-high"; empty = the system chooses."""
    stun_urls: tuple[str, ...] = ()
    """STUN servers for this server and its browsers (JSON list); none is asked by default."""
    turn_urls: tuple[str, ...] = ()
    """TURN servers (JSON list), e.g. ["turn:turn.example.org:3478?transport=udp"]."""
    turn_secret: str = Field(default="", repr=False)
    """Shared secret for timed TURN credentials (coturn: use-auth-secret)."""
    turn_ttl: Annotated[int, Field(ge=60, le=86400)] = 7200
    """Seconds a TURN credential is good for."""
    entry_validity: Annotated[int, Field(ge=60, lt=43200)] = 7200
    """Seconds the signed room entry of a started task is good for."""

    clock_skew: Annotated[int, Field(ge=1, le=86400)] = 900
    """Seconds that X-Sdk-Date may be off."""
    token_validity: Annotated[int, Field(ge=60, le=604800)] = 86400
    """Seconds an X-Auth-Token is good for."""
    force_hub: bool = False
    """Write chat_video_type HUB on every operation (the seeds write Hub)."""
    mask_app_key: bool = False
    """Mask app_key in the application list."""
    read_rate: Annotated[float, Field(ge=0)] = 0.0
    """GET requests a second and project; 0 = unlimited."""
    write_rate: Annotated[float, Field(ge=0)] = 0.0
    """Other requests a second and project; 0 = unlimited."""

    @property
    def endpoint(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'visavis.db'}"

    @property
    def processes(self) -> int:
        return self.workers or os.cpu_count() or 1

    @property
    def capacity(self) -> int:
        """Talks with a rendered avatar that this box carries at full quality."""
        return self.processes * self.talks_per_worker


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The installation's settings, read once."""
    return Settings()
