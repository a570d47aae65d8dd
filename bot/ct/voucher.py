"""A voucher is a batch; what guests get are its codes (ct-api 3.6)."""

import msgspec

from bot.ct.errors import CTResponseError
from bot.ct.models import Model, Private
from bot.ct.wire import Text, decode, epoch, optional_text, text, whole


class Rules(Model, frozen=True, kw_only=True):
    """What a code grants. Minutes, MB, kbps; a `period` of "" is all time, "all" is a single use."""

    access_type: int | None = None
    validity_minutes: int | None = None
    data_mb: int | None = None
    period: str | None = None
    access_period: int | None = None
    session_timeout: int | None = None
    idle_timeout: int | None = None
    simultaneous_use: int | None = None
    download_speed: int | None = None
    upload_speed: int | None = None


class Voucher(Private, frozen=True, kw_only=True):
    """A batch. `completed` once CT has made all its codes; `pdf_link` and `csv_link` open without a password."""

    id: str
    name: str = ""
    description: str | None = None
    quantity: int | None = None
    completed: bool = False
    is_active: bool = True
    rules: Rules = Rules()
    length: int | None = None
    format: str | None = None
    splash_page_id: str | None = None
    state: str | None = None
    created_at: int | None = None
    pdf_link: str | None = None
    csv_link: str | None = None


class Code(Private, frozen=True, kw_only=True):
    """One code: `username` is what a guest types. `activated_at` None: nobody has used it yet, as far as CT says."""

    username: str
    password: str | None = None
    serial: str | None = None
    active: bool | None = None
    activated_at: int | None = None
    created_at: int | None = None
    mac: str | None = None
    voucher_id: str | None = None

    @property
    def id(self) -> str:
        return self.username


class CodeDetails(Private, frozen=True, kw_only=True):
    """A code, its batch if CT names it, and what it grants."""

    code: Code
    voucher: Voucher | None = None
    rules: Rules = Rules()


class RulesRow(msgspec.Struct):
    """What a code grants, as CT sends it."""

    access_type: Text = None
    validity_minutes: Text = None
    access_restrict_data: Text = None
    access_restrict_period: Text = None
    access_period: Text = None
    session_timeout: Text = None
    idle_timeout: Text = None
    simultaneous_use: Text = None
    download_speed: Text = None
    upload_speed: Text = None

    def rules(self) -> Rules:
        return Rules(
            access_type=whole(self.access_type),
            validity_minutes=whole(self.validity_minutes),
            data_mb=whole(self.access_restrict_data),
            period=None if self.access_restrict_period is None else str(self.access_restrict_period),
            access_period=whole(self.access_period),
            session_timeout=whole(self.session_timeout),
            idle_timeout=whole(self.idle_timeout),
            simultaneous_use=whole(self.simultaneous_use),
            download_speed=whole(self.download_speed),
            upload_speed=whole(self.upload_speed),
        )


class VoucherRow(RulesRow):
    """A batch as CT sends it."""

    unique_id: Text = None
    batch_name: Text = None
    batch_description: Text = None
    quantity: Text = None
    completed: bool | None = None
    is_active: bool | None = None
    length: Text = None
    voucher_format: Text = None
    splash_page_id: Text = None
    state: Text = None
    created_at: Text = None
    pdf_link: Text = None
    csv_link: Text = None

    def model(self) -> Voucher:
        if not (unique_id := text(self.unique_id)):
            raise CTResponseError("CT's answer holds a voucher without an id")
        return Voucher(
            id=unique_id,
            name=text(self.batch_name) or unique_id,
            description=optional_text(self.batch_description),
            quantity=whole(self.quantity),
            completed=bool(self.completed),
            is_active=self.is_active is not False,
            rules=self.rules(),
            length=whole(self.length),
            format=optional_text(self.voucher_format),
            splash_page_id=optional_text(self.splash_page_id),
            state=optional_text(self.state),
            created_at=epoch(self.created_at),
            pdf_link=_link(self.pdf_link),
            csv_link=_link(self.csv_link),
        )


class CodeRow(msgspec.Struct, gc=False):
    """A code as CT sends it: guests and orders stay outside."""

    serial: Text = None
    username: Text = None
    password: Text = None
    active: bool | None = None
    date_activated: Text = None
    created_at: Text = None
    client_mac: Text = None
    voucher_slug: Text = None

    def model(self) -> Code:
        if not (username := text(self.username)):
            raise CTResponseError("CT's answer holds a code without a name")
        return Code(
            username=username,
            password=optional_text(self.password),
            serial=optional_text(self.serial),
            active=self.active,
            activated_at=epoch(self.date_activated),
            created_at=epoch(self.created_at),
            mac=optional_text(self.client_mac),
            voucher_id=optional_text(self.voucher_slug),
        )


class CodeDetailsRow(msgspec.Struct):
    """`{code, voucher, rules}`; a voucher without an id is no more than its rules."""

    code: CodeRow
    voucher: VoucherRow | None = None
    rules: msgspec.Raw = msgspec.Raw(b"null")

    def model(self) -> CodeDetails:
        voucher = self.voucher.model() if self.voucher and self.voucher.unique_id else None
        own = decode(self.rules, RulesRow).rules() if bytes(self.rules)[:1] == b"{" else Rules()
        of_batch = self.voucher.rules() if self.voucher else Rules()
        return CodeDetails(code=self.code.model(), voucher=voucher, rules=_joined(own, of_batch))


def _joined(first: Rules, second: Rules) -> Rules:
    return Rules(
        **{
            name: getattr(second, name) if getattr(first, name) is None else getattr(first, name)
            for name in Rules.__struct_fields__
        }
    )


def _link(value: Text) -> str | None:
    """An address that a browser can open; None for anything else."""
    link = text(value)
    return link if link.startswith(("https://", "http://")) and link.isprintable() and " " not in link else None
