"""Settings from the environment: ``VALGSKANN_WORKERS``, ``VALGSKANN_PROFILE`` and so on."""

from __future__ import annotations

import getpass
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ballot.errors import UsageError
from recognition.profile import DEFAULT_PROFILE
from station.worker import usable_cores


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a container without a user entry


class Settings(BaseSettings):
    """What a station is run with where the command line does not say otherwise.

    Attributes:
        workers: Reading processes; the cores of the machine unless set.
        person: Name entered in the journal; the login name unless set.
        name_error: Largest share of wrong names among the write-in rows accepted by machine.
        profile: Profile file with the reader's thresholds; the standing profile unless set.
        port: Where ``valgskann serve`` answers on 127.0.0.1.
    """

    model_config = SettingsConfigDict(env_prefix="VALGSKANN_", frozen=True)

    workers: int = Field(default_factory=usable_cores, ge=1, le=1024)
    person: str = Field(default_factory=_login_name, min_length=1)
    name_error: float = Field(default=DEFAULT_PROFILE.name_error, ge=0, lt=1)
    profile: Path | None = None
    port: int = Field(default=8023, ge=1, le=65535)


def load_settings() -> Settings:
    """Reads the environment.

    Raises:
        UsageError: A variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"VALGSKANN_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise UsageError(
            f"The environment holds settings that cannot be used: {wrong}.", "Correct them."
        ) from error
