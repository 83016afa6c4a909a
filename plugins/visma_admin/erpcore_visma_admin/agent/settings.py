"""The agent's settings file, ``agent.toml``."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, model_validator

from erpcore_visma_admin.adk.company import Place
from erpcore_visma_admin.adk.errors import NoLibrary
from erpcore_visma_admin.adk.library import Installation

TOKEN_VARIABLE = "ERPCORE_ADK_TOKEN"  # noqa: S105 the variable's name
PASSWORD_VARIABLE = "ERPCORE_ADK_PASSWORD"  # noqa: S105 the variable's name
SHORTEST_TOKEN = 32
CompanyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class SettingsProblem(Exception):
    """The settings cannot be used; the message says which one and why."""


class CompanySettings(BaseModel):
    """One company that the agent opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company_path: str | None = Field(None, description="Folder of the company; the program's default when left out")
    system_path: str | None = Field(None, description="Folder of the common files; from the registry when left out")
    user: str | None = Field(None, description="User name, where users sign in to the company")
    password: SecretStr | None = Field(None, description=f"Its password; or in {PASSWORD_VARIABLE}")


class AgentSettings(BaseModel):
    """All of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on; another than this computer's own needs TLS")
    port: int = Field(8743, ge=0, le=65535, description="Port to listen on")
    certificate: Path | None = Field(None, description="File with the TLS certificate and its chain (PEM)")
    key: Path | None = Field(None, description="File with the certificate's key (PEM)")
    listen: bool = Field(default=True, description="Whether erpcore reaches the agent at this port")
    ask: tuple[str, ...] = Field(
        (),
        description="Addresses of erpcore at which the agent asks for work, where erpcore does not reach it, such as "
        "https://erpcore.example/plugins/visma",
    )
    token: SecretStr | None = Field(None, description=f"What both sides know; or in {TOKEN_VARIABLE}")
    log: Path = Field(Path("erpcore-adk-agent.log"), description="The log, the only thing that is stored")
    dll: str | None = Field(None, description="The DLL, where the registry does not say or it has another name")
    idle_seconds: float = Field(5.0, gt=0, description="How long a company stays open after the last call")
    lease_seconds: float = Field(20.0, ge=0, description="How long to wait for another process that has the DLL")
    longest_call_seconds: float = Field(60.0, gt=0, description="The longest time that a call may ask for")
    clock_tolerance_seconds: float = Field(30.0, gt=0, description="How far the clocks of both sides may be apart")
    largest_request: int = Field(1_000_000, gt=0, description="The largest request in bytes")
    companies: dict[CompanyName, CompanySettings] = Field(min_length=1, description="The companies, by a name of yours")

    @model_validator(mode="after")
    def _safe(self) -> AgentSettings:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        for address in self.ask:
            parts = urlsplit(address)
            if parts.scheme != "https" and not (parts.scheme == "http" and is_this_computer(parts.hostname or "")):
                raise ValueError(f"ask: {address} must begin with https://")
        if not self.listen and not self.ask:
            raise ValueError("the agent neither listens nor asks: give it addresses in ask, or listen = true")
        if self.listen and self.certificate is None and not is_this_computer(self.host):
            raise ValueError("without certificate and key the agent listens on this computer alone: host = '127.0.0.1'")
        return self


def is_this_computer(host: str) -> bool:
    """Tell whether an address is one that only this computer reaches."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def load(path: Path, environment: Mapping[str, str] = os.environ) -> AgentSettings:
    """Read the file.

    Args:
        path: Where it is.
        environment: Where secrets may be.

    Raises:
        SettingsProblem: It cannot be used.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsProblem(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsProblem(f"The settings file {path} is no TOML: {error}.") from error
    if token := environment.get(TOKEN_VARIABLE):
        given["token"] = token
    try:
        settings = AgentSettings.model_validate(given)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'the file'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
    else:
        return settings
    raise SettingsProblem(f"{path}: {'; '.join(problems)}.")


def token_of(settings: AgentSettings) -> str:
    """Give the token.

    Raises:
        SettingsProblem: There is none, or it is too short to be one.
    """
    token = settings.token.get_secret_value() if settings.token else ""
    if len(token) < SHORTEST_TOKEN:
        raise SettingsProblem(
            f"The token must have at least {SHORTEST_TOKEN} characters. Make one with “erpcore-adk-agent token”, and "
            f"put it into the settings file or into {TOKEN_VARIABLE}."
        )
    return token


def places(settings: AgentSettings, found: Installation) -> dict[str, Place]:
    """Say where the companies are.

    Args:
        settings: The file.
        found: What the registry says.

    Raises:
        NoLibrary: A folder is neither named nor in the registry.
    """
    return {name: _place(name, each, found) for name, each in settings.companies.items()}


def _place(name: str, given: CompanySettings, found: Installation) -> Place:
    system, company = given.system_path or found.system_path, given.company_path or found.default_company
    for path, setting in ((system, "system_path"), (company, "company_path")):
        if not path:
            raise NoLibrary(
                f"companies.{name}.{setting} is not set, and the registry does not say it. Visma Administration shows "
                "the folder under Hjälp, Om Visma Administration, Systeminfo."
            )
    password = given.password.get_secret_value() if given.password else os.environ.get(PASSWORD_VARIABLE)
    return Place(str(system), str(company), given.user, password)
