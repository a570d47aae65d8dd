"""Splash codes: one password that everybody shares for a while; paid plans only (ct-api 3.7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTResponseError
from bot.ct.limits import Problems, choice_problem, found, number_problem, span_problem, text_problem
from bot.ct.models import Page, Private
from bot.ct.paging import page_reader
from bot.ct.paths import path
from bot.ct.rows import object_reader
from bot.ct.wire import Text, as_number, epoch, optional_text, text


class SplashCode(Private, frozen=True, kw_only=True):
    """A shared password. `valid`: works now; `started`: its time has come. Times are epoch seconds."""

    id: str
    username: str | None = None
    password: str | None = None
    valid: bool | None = None
    started: bool | None = None
    active: bool | None = None
    created_by: str | None = None
    created_at: int | None = None
    starts_at: int | None = None
    expires_at: int | None = None
    splash_name: str | None = None


class SplashCodeForm(Private, frozen=True, kw_only=True):
    """A shared password to be made, under CT's names and with its form's defaults.

    `volume` and the timeouts are minutes, speeds kbps; `expires` None is a day after the start.
    """

    splash_page_id: str
    password: str
    volume: int = 60
    simultaneous_use: int = 2
    session_timeout: int = 60
    idle_timeout: int = 60
    period: str = "daily"
    download_speed: int = 2056
    upload_speed: int = 1024
    start_date: datetime | None = None
    expires: datetime | None = None

    def problems(self) -> Problems:
        """What CT's form would refuse, by CT's name of the field; both dates need a zone."""
        return found(
            {
                "splash_page_id": None if self.splash_page_id else "Choose a login page.",
                "password": text_problem(self.password, 3, 20),
                "volume": number_problem(self.volume, 10, 43_200),
                "simultaneous_use": number_problem(self.simultaneous_use, 1, 100),
                "session_timeout": number_problem(self.session_timeout, 1, 43_200),
                "idle_timeout": number_problem(self.idle_timeout, 1, 43_200),
                "period": choice_problem(self.period, ("daily", "all")),
                "download_speed": number_problem(self.download_speed, 56, 51_200),
                "upload_speed": number_problem(self.upload_speed, 56, 51_200),
                "expires": span_problem(self.start_date, self.expires) if self.expires else None,
            }
        )

    def body(self, now: datetime) -> dict[str, Any]:
        """As CT's own form sends it, with dates in UTC and so an `offset` of none."""
        start = self.start_date or now
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        fields |= {"splash_page_id": as_number(self.splash_page_id), "password": self.password.strip()}
        fields |= {"start_date": _iso(start), "expires": _iso(self.expires or start + timedelta(days=1)), "offset": 0}
        return {"splash_code": fields}


class SplashCodeRow(msgspec.Struct):
    """A shared password as CT sends it."""

    id: Text = None
    username: Text = None
    password: Text = None
    valid: bool | None = None
    started: bool | None = None
    active: bool | None = None
    created_by: Text = None
    created_at: Text = None
    start_date: Text = None
    expires: Text = None
    splash_name: Text = None

    def model(self) -> SplashCode:
        if not (id_ := text(self.id)):
            raise CTResponseError("CT's answer holds a splash code without an id")
        return SplashCode(
            id=id_,
            username=optional_text(self.username),
            password=optional_text(self.password),
            valid=self.valid,
            started=self.started,
            active=self.active,
            created_by=optional_text(self.created_by),
            created_at=epoch(self.created_at),
            starts_at=epoch(self.start_date),
            expires_at=epoch(self.expires),
            splash_name=optional_text(self.splash_name),
        )


class SplashCodes:
    """The shared passwords of a location. `loc` is its slug or id."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(self, loc: str, *, page: int = 1, per: int = 25) -> Page[SplashCode]:
        """One page of them, those that are over among them."""
        read = page_reader("splash_codes", SplashCodeRow, page)
        return await self._api.get(
            "splash_codes.list", path("/locations/{}/splash_codes", loc), read, page=page, per=per
        )

    async def create(self, loc: str, form: SplashCodeForm) -> SplashCode:
        """Make one, with one POST."""
        route, read = path("/locations/{}/splash_codes", loc), object_reader(SplashCodeRow, "splash_code")
        return await self._api.change("splash_codes.create", "POST", route, form.body(datetime.now(UTC)), read)

    async def delete(self, loc: str, code_id: str) -> None:
        """Let it work no longer."""
        await self._api.act("splash_codes.delete", "DELETE", path("/locations/{}/splash_codes/{}", loc, code_id))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
