"""All settings in one model: defaults, then a TOML file, then `ASSAY_…` environment variables.

Idea: a wrong setting fails at start with its name, never in the middle of a night: an unknown name, a text that is no
value of its setting, a place or a formula that does not exist. What only others can say (a key, a server, a bucket) is
found by `assay doctor`. Invariant: a secret is never printed, stored or written into a page; `origins()` says where
each value came from.
"""

from __future__ import annotations

import os
import re
import ssl
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from extractors.crawl.crawl_settings import CrawlSettings
from flows import environment_variables
from flows.settings_sections import (
    AlarmPart,
    ApprovalPart,
    DeskPart,
    ModelPart,
    NightPart,
    PublishPart,
    SchedulePart,
    StoreSettings,
)
from scoring.errors import BadInput

if TYPE_CHECKING:
    from scoring.likely.advice import Limits

REPOSITORY = Path(__file__).resolve().parents[1]
FILE_NAME = "assay.toml"


class Settings(BaseSettings):
    """Everything that can be set. `ASSAY_CRAWL__CONTACT=…` sets `crawl.contact`."""

    model_config = SettingsConfigDict(env_prefix="ASSAY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = REPOSITORY / "data" / "run"
    """Where everything kept at run time lives."""
    store: StoreSettings = StoreSettings()
    crawl: CrawlSettings = CrawlSettings()
    night: NightPart = NightPart()
    model: ModelPart = ModelPart()
    publish: PublishPart = PublishPart()
    schedule: SchedulePart = SchedulePart()
    alarm: AlarmPart = AlarmPart()
    approval: ApprovalPart = ApprovalPart()
    desk: DeskPart = DeskPart()
    profile: str = "aivss-0.8-listing"
    """Formula of the headline score, such as `owasp-aivss-0.8`; each is a file in `scoring/formulas/`."""
    log: Literal["text", "json"] = "text"
    """Form of the event log on standard error."""

    @field_validator("home", mode="before")
    @classmethod
    def _named(cls, home: Any) -> Any:
        if not str(home).strip():
            raise ValueError("it is empty: name a folder, or leave it out")
        return home

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        home = home.expanduser().absolute()
        if "?" in str(home):
            raise ValueError(f"{home} holds a `?`, at which the address of a database ends: choose another folder")
        if "\0" in str(home):
            raise ValueError("it holds a zero byte")
        return home

    @field_validator("profile")
    @classmethod
    def _formula(cls, profile: str) -> str:
        from scoring.formulas.table import profile_named

        try:
            return profile_named(profile).id
        except BadInput as error:
            raise ValueError(str(error)) from error

    @field_validator("crawl")
    @classmethod
    def _authorities(cls, crawl: CrawlSettings) -> CrawlSettings:
        if crawl.authority_file is not None:
            try:
                ssl.create_default_context(cafile=str(crawl.authority_file))
            except (OSError, ssl.SSLError) as error:
                raise ValueError(f"authority_file {crawl.authority_file} holds no certificates: {error}") from error
        return crawl

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, init_settings)

    @property
    def store_url(self) -> str:
        return self.store.url or f"sqlite:///{self.home / 'assay.db'}"

    @property
    def store_password(self) -> str:
        """The password in the database's address, if there is one."""
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            return str(make_url(self.store_url).password or "")
        except ArgumentError:
            return ""

    @property
    def blobs_url(self) -> str:
        return self.store.blobs or str(self.home / "blobs")

    @property
    def site(self) -> Path:
        return Path(self.publish.out) if self.publish.out else self.home / "site"

    @property
    def limits(self) -> Limits:
        """Of the advice in records."""
        from extractors.record_decision import limits_of

        return limits_of(self.publish.policy)

    @property
    def api_key(self) -> str | None:
        if self.model.api_key is not None:
            return self.model.api_key.get_secret_value()
        return os.environ.get("OPENAI_API_KEY") or None

    def crawl_settings(self) -> CrawlSettings:
        """The limits of a crawl, with the forge's token for its API host."""
        host = urlsplit(self.night.github_api).hostname or ""
        named = {host: SecretStr(f"Bearer {self.github_token}")} if self.github_token and host else {}
        authorization = {**named, **self.crawl.authorization}
        hosts = tuple(dict.fromkeys((*self.crawl.api_hosts, host)))
        return self.crawl.model_copy(update={"authorization": authorization, "api_hosts": hosts})

    @property
    def github_token(self) -> str | None:
        if self.night.github_token is not None:
            return self.night.github_token.get_secret_value()
        return os.environ.get("GITHUB_TOKEN") or None


def settings_file() -> Path | None:
    """`ASSAY_CONFIG`, else `assay.toml` in the working folder, else none."""
    named = os.environ.get("ASSAY_CONFIG")
    if named:
        return Path(named)
    here = Path.cwd() / FILE_NAME
    return here if here.is_file() else None


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(
            "no such settings file", subject=str(file), next_step="create it or unset ASSAY_CONFIG"
        ) from error
    except OSError as error:
        raise BadInput(
            f"cannot be read ({error.strerror})", subject=str(file), step="settings", next_step="correct ASSAY_CONFIG"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"not valid TOML: {error}", subject=str(file), step="settings", next_step="correct that line of the file"
        ) from error


def load() -> Settings:
    """The settings in force. Raises `BadInput` that names the setting, its file and its line."""
    file = settings_file()
    values = _read(file)
    environment_variables.check(Settings)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        variable = environment_variables.variable_of(name)
        where = variable if variable in os.environ else _line_of(file, name)
        if first["type"] == "extra_forbidden":
            raise BadInput(
                f"{name}: there is no such setting",
                subject=where,
                step="settings",
                next_step=environment_variables.meant(name, dict(environment_variables.fields_of(Settings))),
            ) from error
        problem = first["msg"].removeprefix("Value error, ")
        raise BadInput(
            f"{name}: {problem}", subject=where, step="settings", next_step="correct it, then `assay config show`"
        ) from error


def _line_of(file: Path | None, name: str) -> str:
    """`assay.toml:12` for the line that sets the value; the file's name when no line can be found."""
    if file is None:
        return "environment"
    last = name.split(".")[-1]
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.split("=")[0].strip() == last or line.strip() == f"[{last}]":
            return f"{file.name}:{number}"
    return file.name


def origins(settings: Settings) -> list[tuple[str, str, str]]:
    """(name, value as text, where it came from) for every setting; secrets are shown as `set` or empty."""
    file = settings_file()
    written = _read(file)
    rows = []
    for name, value in _flat(settings.model_dump()):
        variable = environment_variables.variable_of(name)
        if variable in os.environ:
            origin = variable
        elif _has(written, name.split(".")):
            origin = _line_of(file, name)
        else:
            origin = "default"
        rows.append((name, shown(value), origin))
    return rows


_PASSWORD_OPTION = re.compile(r"([?&](?:ssl)?password=)[^&]*")


def shown(value: Any) -> str:
    """A value without what is secret in it; empty for one that is empty."""
    if isinstance(value, SecretStr):
        return "set (hidden)" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    if value is None or value == {}:
        return ""
    return _PASSWORD_OPTION.sub(r"\1(hidden)", _without_password(str(value)))


def _without_password(address: str) -> str:
    """Hides what follows the user's name, also where a password was not escaped as addresses require."""
    scheme, slashes, rest = address.partition("://")
    user_info, at, host = rest.rpartition("@")
    user, colon, password = user_info.partition(":")
    return f"{scheme}{slashes}{user}:(hidden)@{host}" if at and colon and password else address


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in values.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) and value else [(prefix + key, value)]
    return rows


def _has(values: dict[str, Any], path: list[str]) -> bool:
    return path[0] in values and (len(path) == 1 or _has(values[path[0]], path[1:]))
