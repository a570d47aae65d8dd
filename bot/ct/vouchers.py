"""Vouchers and their codes (ct-api 3.6)."""

from bot.ct.api import API
from bot.ct.models import Listing, Page
from bot.ct.paging import PER_PAGE, gather, page_reader
from bot.ct.paths import path
from bot.ct.rows import object_reader
from bot.ct.voucher import Code, CodeDetails, CodeDetailsRow, CodeRow, Voucher, VoucherRow
from bot.ct.voucher_form import VoucherForm

_PAGES_OF_BATCHES = 20
_PAGES_OF_CODES = 67  # 1,000 codes at CT's own 15 a page, if it takes no notice of `per`: a code left out is lost

_voucher = object_reader(VoucherRow, "voucher")


class Vouchers:
    """The batches of a location. `loc` is its slug or id."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(self, loc: str, *, q: str | None = None, page: int = 1, per: int = 25) -> Page[Voucher]:
        """One page of batches, as CT orders them."""
        read = page_reader("vouchers", VoucherRow, page)
        return await self._api.get("vouchers.list", path("/locations/{}/vouchers", loc), read, q=q, page=page, per=per)

    async def all(self, loc: str, *, q: str | None = None, within: float | None = None) -> Listing[Voucher]:
        """All batches, two thousand at most, as CT orders them."""
        return await gather(
            lambda number: self.list(loc, q=q, page=number, per=PER_PAGE),
            max_pages=_PAGES_OF_BATCHES,
            within=within or self._api.deadline,
        )

    async def get(self, loc: str, voucher_id: str) -> Voucher:
        """One batch by its `unique_id`."""
        return await self._api.get("vouchers.get", path("/locations/{}/vouchers/{}", loc, voucher_id), _voucher)

    async def create(self, loc: str, form: VoucherForm) -> Voucher:
        """Ask for a batch, with one POST; CT makes the codes afterwards, so look again until it is `completed`."""
        route = path("/locations/{}/vouchers", loc)
        return await self._api.change("vouchers.create", "POST", route, form.body(), _voucher)

    async def switch(self, loc: str, voucher_id: str, *, active: bool) -> Voucher:
        """Let every code of a batch work, or none."""
        route, body = path("/locations/{}/vouchers/{}", loc, voucher_id), {"voucher": {"is_active": active}}
        return await self._api.change("vouchers.switch", "PATCH", route, body, _voucher)

    async def codes(
        self, loc: str, voucher_id: str, *, page: int = 1, per: int = 100, activated: bool | None = None
    ) -> Page[Code]:
        """One page of a batch's codes; all of them, or those that were used, or those that were not."""
        return await self._api.get(
            "vouchers.codes",
            path("/locations/{}/vouchers/{}/codes", loc, voucher_id),
            page_reader("codes", CodeRow, page),
            page=page,
            per=per,
            activated=activated,
        )

    async def all_codes(self, loc: str, voucher_id: str, *, within: float | None = None) -> Listing[Code]:
        """All codes of a batch, which has 1,000 at most."""
        return await gather(
            lambda number: self.codes(loc, voucher_id, page=number, per=PER_PAGE),
            max_pages=_PAGES_OF_CODES,
            within=within or self._api.deadline,
        )

    async def code(self, loc: str, username: str) -> CodeDetails:
        """A code by what the guest types."""
        read = object_reader(CodeDetailsRow)
        return await self._api.get("vouchers.code", path("/locations/{}/codes/{}", loc, username), read)

    async def switch_code(self, loc: str, username: str, *, active: bool) -> None:
        """Let one code work, or not; its username stands in both places of the path."""
        route = path("/locations/{}/clients/{}/codes/{}", loc, username, username)
        await self._api.act("vouchers.switch_code", "PATCH", route, {"code": {"active": active}})
