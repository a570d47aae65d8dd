"""What it takes to make a batch of codes (ct-api 3.6)."""

from typing import Any

from bot.ct.limits import Problems, choice_problem, found, number_problem, text_problem
from bot.ct.models import Model
from bot.ct.wire import as_number

TIME, DATA = 1, 2
MULTI_USE, SINGLE_USE = "", "all"
PERIODS = (MULTI_USE, "daily", "weekly", "monthly", SINGLE_USE)
FORMATS = ("alphanumeric", "numeric", "alpha", "words")
SESSION = 60  # minutes, the form's own


class VoucherForm(Model, frozen=True, kw_only=True):
    """A batch to be made, under CT's names and with its form's defaults. Times in minutes, data in MB, speeds in kbps.

    `splash_page_id` is the id of a login page or "external". `session_timeout` None: the form's 60, or the validity
    where that is shorter. The login page, the quantity, the period and the format cannot be changed afterwards.
    """

    splash_page_id: str
    batch_name: str
    batch_description: str
    quantity: int = 10
    access_type: int = TIME
    validity_minutes: int = 60
    access_restrict_data: int | None = None
    access_restrict_period: str = MULTI_USE
    access_period: int | None = None
    session_timeout: int | None = None
    idle_timeout: int = 60
    simultaneous_use: int = 2
    length: int = 6
    voucher_format: str = "alphanumeric"
    download_speed: int = 2048
    upload_speed: int = 1024

    def problems(self) -> Problems:
        """What CT's form would refuse, by CT's name of the field."""
        validity, data, period = self.validity_minutes, self.access_restrict_data, self.access_period
        of_data = self.access_type == DATA or data is not None
        return found(
            {
                "splash_page_id": None if self.splash_page_id else "Choose a login page.",
                "batch_name": text_problem(self.batch_name, 1, 100),
                "batch_description": text_problem(self.batch_description, 1, 255),
                "quantity": number_problem(self.quantity, 10, 1000),
                "access_type": choice_problem(self.access_type, (TIME, DATA)),
                "validity_minutes": number_problem(validity, 5, 518_412),
                "access_restrict_data": number_problem(data, 50, 1_000_000) if of_data else None,
                "access_restrict_period": choice_problem(self.access_restrict_period, PERIODS),
                "access_period": None if period is None else number_problem(period, validity, 43_201),
                "session_timeout": number_problem(self.session, 1, validity),
                "idle_timeout": number_problem(self.idle_timeout, 10, 43_201),
                "simultaneous_use": number_problem(self.simultaneous_use, 1, 100),
                "length": number_problem(self.length, 6, 50),
                "voucher_format": choice_problem(self.voucher_format, FORMATS),
                "download_speed": number_problem(self.download_speed, 56, 102_400),
                "upload_speed": number_problem(self.upload_speed, 56, 102_400),
            }
        )

    @property
    def session(self) -> int:
        """Minutes until a guest has to log in again."""
        return min(SESSION, self.validity_minutes) if self.session_timeout is None else self.session_timeout

    def body(self) -> dict[str, Any]:
        """As CT's own form sends it."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        fields |= {"splash_page_id": as_number(self.splash_page_id), "session_timeout": self.session}
        fields |= {"batch_name": self.batch_name.strip(), "batch_description": self.batch_description.strip()}
        sent = {name: value for name, value in fields.items() if value is not None}
        return {"voucher": {**sent, "limit_type": "multi_use", "secure_password": True}}
