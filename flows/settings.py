"""All settings in one model: defaults, then a TOML file, then `ASSAY_…` environment variables.

Idea: a wrong setting fails at start with its name, never in the middle of a night: an unknown name, a text that is no
value of its setting, a place or a formula that does not exist. What only others can say (a key, a server, a bucket) is
found by `assay doctor`. Invariant: a secret is never printed, stored or written into a page; `origins()` says where
each value came from.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import tomllib
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from extractors.crawl.crawl_settings import CrawlSettings
from flows import environment_variables
from scoring.errors import BadInput

REPOSITORY = Path(__file__).resolve().parents[1]
FILE_NAME = "assay.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _address(text: str) -> str:
    """An http(s) address, or nothing."""
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError(f"{text!r} is no http(s) address, such as https://example.org/")
    return text


WebAddress = Annotated[str, AfterValidator(_address)]


class StoreSettings(_Part):
    url: str = ""
    """SQLAlchemy address; empty means SQLite under `home`."""
    blobs: str = ""
    """fsspec address of the page bytes; empty means a folder under `home`."""

    @field_validator("url")
    @classmethod
    def _database(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("the database is sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
        return url

    @field_validator("blobs")
    @classmethod
    def _place(cls, place: str) -> str:
        if "://" in place:
            from fsspec import get_filesystem_class

            try:
                get_filesystem_class(place.partition("://")[0])
            except (ValueError, ImportError) as error:
                raise ValueError(f"{place.partition('://')[0]}:// cannot be used: {error}") from error
        return place


class NightPart(_Part):
    hours: float = Field(8.0, gt=0, le=48)
    """A wait that ends later than this is left for the next night."""
    pages_per_agent: int = Field(12, ge=1, le=200)
    """Pages of one agent in one night, those one link further included."""
    pages_further: int = Field(4, ge=0, le=50)
    """Of these, at most so many one link further, while a factor is still unknown."""
    pages_declaring: int = Field(12, ge=0, le=200)
    """Beside them, at most so many files of its repository that may declare tools, starts or hooks."""
    bytes_declaring: int = Field(400_000, ge=0)
    """Bytes of these files together."""
    bytes_per_agent: int = Field(8_000_000, ge=10_000)
    """Bytes of one agent's pages in one night."""
    agents_at_once: int = Field(256, ge=1, le=10_000)
    """Agents that are crawled at once, nearly all of them waiting for their host's pace; each holds the pages that it
    has so far in memory, at most `bytes_per_agent`. Requests under way at once: `crawl.in_flight`."""
    read_seconds: float = Field(10.0, gt=0, le=600)
    """Processor time that reading one page, or one agent's pages together, may take."""
    recrawl_hours: float = Field(20.0, ge=0)
    """An agent whose pages were all asked for within this time is not due."""
    keep_days: int = Field(0, ge=0)
    """Bytes of older page versions that no record and no draft needs are dropped after a full night; 0 keeps all."""
    github_web: WebAddress = "https://github.com"
    """Where repositories are shown."""
    github_api: WebAddress = "https://api.github.com"
    """The forge's API, asked for which files a repository has."""
    github_raw: WebAddress = "https://raw.githubusercontent.com"
    """Where files of repositories are fetched."""
    github_token: SecretStr | None = None
    """Falls back to GITHUB_TOKEN. Sent to the API host only."""


class ModelPart(_Part):
    provider: str = ""
    """Who assesses, a name of `extractors/model/providers.py`; empty means `openai` with a model, else `lexical`."""
    name: str = ""
    """Model name at the endpoint; empty means the built-in lexical assessor."""
    base_url: WebAddress = ""
    """OpenAI-compatible endpoint; falls back to OPENAI_BASE_URL, then to OpenAI's."""
    api_key: SecretStr | None = None
    """Falls back to OPENAI_API_KEY."""
    in_flight: int = Field(8, ge=1, le=256)
    """Calls under way at once."""
    requests_per_minute: int = Field(0, ge=0)
    """0 means no limit."""
    tokens_per_minute: int = Field(0, ge=0)
    """0 means no limit."""
    timeout_seconds: float = Field(120.0, gt=0)
    """Wall time of one call."""
    max_output_tokens: int = Field(12_000, ge=500)
    """Tokens that a reply may have."""
    context_tokens: int = Field(100_000, ge=4_000)
    """What the model takes at once; more documents are split over several calls and merged."""
    document_characters: int = Field(240_000, ge=5_000)
    """Of longer documents the passages that prove most are read, and the record says so."""
    second_reader: str = ""
    """Model that reads each claim of the first one again beside its sentences, and may only lower it; empty: none."""
    second_reader_url: WebAddress = ""
    """Its OpenAI-compatible endpoint; empty means that of the first model, with its key."""
    second_reader_key: SecretStr | None = None
    """Its key where it has an endpoint of its own."""
    prices: str = ""
    """File of prices in the form of `data/prices.toml`; empty means that file, which holds examples."""
    budget: Decimal | None = None
    """US dollars a run; the call that would exceed it is not made."""

    @field_validator("provider")
    @classmethod
    def _provider(cls, provider: str) -> str:
        from extractors.model.providers import provider_named

        try:
            return provider if not provider or provider_named(provider) else ""
        except BadInput as error:
            raise ValueError(str(error)) from error


class PublishPart(_Part):
    out: str = ""
    """Folder of the site; empty means `site` under `home`."""
    base_url: WebAddress = "http://localhost:8000"
    """Where the site is served: for the feed, the sitemap and canonical links."""
    title: str = "Assay"
    """What the directory calls itself."""
    max_band_changes: float = Field(0.25, ge=0, le=1)
    """A publication that moves more than this share of bands is held for a person."""
    max_withdrawn: float = Field(0.1, ge=0, le=1)
    """The same for the share of records that it withdraws."""
    stale_days: int = Field(30, ge=0)
    """A record whose quote is lost for longer is marked stale."""
    shelf_life_days: int = Field(180, ge=1)
    """So long after its review a record says that its evidence is good."""
    correction_contact: str = ""
    """Where vendors send corrections, an http(s) or mailto address; empty: the pages say that there is none yet."""


class SchedulePart(_Part):
    nightly: str = "0 2 * * *"
    """Cron line of the night; empty switches it off."""
    rescore: str = "0 5 1 * *"
    """Cron line of scoring everything again from what is stored; empty switches it off."""
    publish: str = "0 7 * * *"
    """Cron line of publishing what was approved; empty switches it off."""
    timezone: str = "UTC"
    """In which the cron lines are read."""
    port: int = Field(4200, ge=0, le=65535)
    """Of the Prefect server that `assay serve schedules` starts without PREFECT_API_URL; 0 takes a free one."""

    @field_validator("nightly", "rescore", "publish")
    @classmethod
    def _cron(cls, line: str) -> str:
        if line:
            try:
                CronSim(line, datetime.now())
            except CronSimError as error:
                raise ValueError(f"{line!r} is no cron line (minute hour day month weekday): {error}") from error
            if len(line.split()) != 5 or "LW" in line.upper():  # which Prefect reads otherwise
                raise ValueError(f"{line!r} is no cron line (minute hour day month weekday)")
        return line

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is no time zone, such as Europe/Berlin") from error
        return name


class AlarmPart(_Part):
    completeness: float = Field(0.99, ge=0, le=1)
    """Below this share of terminal outcomes a night has failed."""
    silence_hours: float = Field(36.0, gt=0)
    """An alarm is raised when no full night ended within this time."""
    least_share_of_listings: float = Field(0.5, ge=0, le=1)
    """A source that yields less than this share of last time's listings is an error."""
    webhook: SecretStr = SecretStr("")
    """Where the morning summary and alarms are posted as JSON; a private host also goes into `crawl.allow_private`."""


class ApprovalPart(_Part):
    automatic: bool = False
    """Approve what changed nothing that a person has approved; see the desk for the rule."""


class DeskPart(_Part):
    host: str = "127.0.0.1"
    """Address that the desk listens on."""
    port: int = Field(8765, ge=1, le=65535)
    """Port that the desk listens on."""
    user_header: str = Field("", pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]*$")
    """Header in which a reverse proxy names the signed-in user; empty means local sign-in."""
    user_header_form: Literal["text", "percent", "mime"] = "text"
    """How that name is written: as it is (UTF-8, else Latin-1), percent-encoded, or as RFC 2047 says."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    """Addresses and networks from which a proxy connects; only from there is any of its headers believed."""
    session_hours: int = Field(12, ge=1, le=24 * 365)
    """How long a person stays signed in."""
    sign_in_tries: int = Field(10, ge=1)
    """Wrong passwords for one name, or from one address, before it has to wait."""
    sign_in_minutes: int = Field(10, ge=1)
    """How long it waits, and how long a try is remembered."""
    link_days: int = Field(7, ge=1, le=365)
    """How long a one-time link of a person works."""
    vendor_link_days: int = Field(60, ge=1, le=3650)
    """How long a vendor's link works."""
    correction_days: int = Field(30, ge=1)
    """Within how many days a vendor's correction is decided."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, given: Any) -> tuple[str, ...]:
        """A list, or its items with commas between them."""
        if isinstance(given, str):
            given = json.loads(given) if given.lstrip().startswith("[") else given.replace(",", " ").split()
        if not isinstance(given, list | tuple):
            raise ValueError("a list of addresses and networks is needed")
        return tuple(str(ip_network(str(item).strip(), strict=False)) for item in given)


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
        from scoring.formulas import profile_named

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
    named = {key: value for key, value in os.environ.items() if key.startswith("ASSAY_")}
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        variable = environment_variables.variable_of(name)
        where = variable if variable in named else _line_of(file, name)
        if first["type"] == "extra_forbidden":
            raise BadInput(
                f"{name}: there is no such setting",
                subject=where,
                step="settings",
                next_step=environment_variables.unknown(name, Settings),
            ) from error
        problem = first["msg"].removeprefix("Value error, ")
        raise BadInput(
            f"{name}: {problem}", subject=where, step="settings", next_step="correct it, then `assay config show`"
        ) from error


def _line_of(file: Path | None, name: str) -> str:
    """`assay.toml:12` for the line that sets the value; the file's name when no line can be told."""
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
        rows.append((name, _shown(value), origin))
    return rows


_PASSWORD_OPTION = re.compile(r"([?&](?:ssl)?password=)[^&]*")


def _shown(value: Any) -> str:
    """A value without what is secret in it."""
    if isinstance(value, SecretStr):
        return "set (hidden)" if value.get_secret_value() else ""
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
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return rows


def _has(values: dict[str, Any], path: list[str]) -> bool:
    return path[0] in values and (len(path) == 1 or _has(values[path[0]], path[1:]))
