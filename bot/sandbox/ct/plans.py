"""What an account's plan allows (ct-api.md 3.14)."""

from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

FREE = {"locations": 3, "boxes": 5, "vouchers": 20, "splash_views": 1000, "extra_splash_views": 0, "admins": 2}
PAID = {
    "locations": 6000,
    "boxes": 12_000,
    "vouchers": 10_000,
    "splash_views": 250_000,
    "extra_splash_views": 0,
    "admins": 50,
}


def quota_of(practice: Practice, person: Person) -> dict[str, int]:
    """Vouchers are counted by batch; the switch `voucher_quota` overrules the plan."""
    plan = PAID if practice.pays(person) else FREE
    return {**plan, "vouchers": practice.switches.voucher_quota or plan["vouchers"]}
