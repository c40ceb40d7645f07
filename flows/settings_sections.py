"""The sections of the settings, each a table of the file; a value that cannot be is refused where it is read."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from scoring.errors import BadInput
from scoring.vocabulary import ExposureFact, MaestroLayer, RiskFactor

if TYPE_CHECKING:
    from extractors.sources.git_forge import Forge


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

    @property
    def forge(self) -> Forge:
        """The forge whose repositories are read."""
        from extractors.sources.git_forge import Forge

        return Forge(api=self.github_api, raw=self.github_raw, web=self.github_web)


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
    """File in the form of `data/prices.toml`, whose prices stand over those of the package genai-prices."""
    budget: Decimal | None = None
    """US dollars a run; the call that would exceed it is not made."""
    batch: bool = False
    """A night sends its questions as batches, at half the price, and collects the answers this night or the next."""
    batch_hours: float = Field(24.0, gt=0, le=24 * 7)
    """A batch that takes longer is cancelled, and what it did not answer is asked directly."""

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
    notice_days: int = Field(0, ge=0)
    """Days that a first publication waits after its vendor was told, where its pages give a contact; 0: no notice."""
    shelf_life_days: int = Field(180, ge=1)
    """So long after its oldest quoted page was read a record says that its evidence is good, and never longer than so
    long after its review."""
    bundles: bool = True
    """Publish beside each page its replay bundle, which holds the bytes of the pages that were read."""
    reviewers_named: tuple[str, ...] = ()
    """People of the desk who wish to be named in records; others are named by their role."""
    policy: str = ""
    """Policy file whose limits the advice of records goes by from then on; empty: the default policy."""
    correction_contact: str = ""
    """Where vendors send corrections, an http(s) or mailto address; empty: the pages say that there is none yet."""

    @field_validator("policy")
    @classmethod
    def _limits(cls, policy: str) -> str:
        if policy:
            from assay_check.errors import BadInput as NoPolicy
            from assay_check.policy import read_policy

            try:
                read_policy(Path(policy))
            except NoPolicy as error:
                raise ValueError(str(error)) from error
        return policy


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
    two_people: tuple[Literal["first", "critical"], ...] = ()
    """When a second person confirms an approval before it is published: `first` publications, records in Critical."""


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
    deciding_programs: Annotated[tuple[str, ...], NoDecode] = ()
    """Names of tokens that may decide and approve; every other one proposes, and the record says *by program*."""
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
    second_share: float = Field(0.05, ge=0, le=1)
    """Share of the claims of the newest 500 approvals that another person reads a second time, blind."""
    second_claims: tuple[str, ...] = ("factors", "exposure")
    """Which claims: `factors`, `exposure`, `layers`, or single ones such as `factors.autonomy_of_action`."""
    correction_days: int = Field(30, ge=1)
    """Within how many days a vendor's correction is decided."""

    @field_validator("second_claims")
    @classmethod
    def _claims(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = {f"factors.{name}" for name in RiskFactor} | {f"exposure.{name}" for name in ExposureFact}
        known |= {f"layers.{name}" for name in MaestroLayer} | {"factors", "exposure", "layers"}
        if strange := [name for name in value if name not in known]:
            raise ValueError(f"{strange[0]!r} is no claim; one is `factors` or `factors.{next(iter(RiskFactor))}`")
        return value

    @field_validator("trusted_proxies", "deciding_programs", mode="before")
    @classmethod
    def _items(cls, value: Any) -> tuple[str, ...]:
        """A list, or its items with commas between them."""
        if isinstance(value, str):
            value = json.loads(value) if value.lstrip().startswith("[") else value.replace(",", " ").split()
        if not isinstance(value, list | tuple):
            raise ValueError("a list is needed")
        return tuple(str(item).strip() for item in value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(item, strict=False)) for item in value)
