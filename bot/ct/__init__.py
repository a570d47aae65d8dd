"""A typed async client for CT's API. It knows nothing of Slack or of the rest of the bot."""

from bot.ct.box_details import BoxDetails, Health, Radio, Speedtest, Wan
from bot.ct.boxes import Boxes
from bot.ct.client import CTClient, CTUser
from bot.ct.clients import Client, Clients
from bot.ct.errors import (
    CTAuthError,
    CTConflictError,
    CTConnectionError,
    CTError,
    CTForbiddenError,
    CTInvalidError,
    CTNotFoundError,
    CTOAuthError,
    CTRateLimitError,
    CTRequestError,
    CTResponseError,
    CTServerError,
    CTStatusError,
    CTUnavailableError,
)
from bot.ct.invites import Invites
from bot.ct.limits import Problems
from bot.ct.location_form import LocationChanges, LocationForm, location_problems
from bot.ct.location_users import ROLES, LocationUser
from bot.ct.locations import LocationName, Locations
from bot.ct.logs import LogLine, Logs
from bot.ct.mac import normal_mac
from bot.ct.metrics import GuestStats, Metrics, Series
from bot.ct.models import Box, Heartbeat, Listing, Location, Me, Operation, Overview, Page, TokenPair
from bot.ct.network import Network, NetworkDetails, RadiusAnswer, network_problems
from bot.ct.networks import Networks
from bot.ct.oauth import OAuth
from bot.ct.payloads import BoxCommand, Payload, Payloads
from bot.ct.quotas import Counts, Quotas
from bot.ct.reports import Reports, ReportType
from bot.ct.splash_codes import SplashCode, SplashCodeForm, SplashCodes
from bot.ct.splash_pages import SplashPage, SplashPages
from bot.ct.turns import Turns
from bot.ct.versions import Change, Version
from bot.ct.voucher import Code, CodeDetails, Rules, Voucher
from bot.ct.voucher_form import VoucherForm
from bot.ct.vouchers import Vouchers
from bot.ct.zones import Zone, Zones

__all__ = [
    "ROLES",
    "Box",
    "BoxCommand",
    "BoxDetails",
    "Boxes",
    "CTAuthError",
    "CTClient",
    "CTConflictError",
    "CTConnectionError",
    "CTError",
    "CTForbiddenError",
    "CTInvalidError",
    "CTNotFoundError",
    "CTOAuthError",
    "CTRateLimitError",
    "CTRequestError",
    "CTResponseError",
    "CTServerError",
    "CTStatusError",
    "CTUnavailableError",
    "CTUser",
    "Change",
    "Client",
    "Clients",
    "Code",
    "CodeDetails",
    "Counts",
    "GuestStats",
    "Health",
    "Heartbeat",
    "Invites",
    "Listing",
    "Location",
    "LocationChanges",
    "LocationForm",
    "LocationName",
    "LocationUser",
    "Locations",
    "LogLine",
    "Logs",
    "Me",
    "Metrics",
    "Network",
    "NetworkDetails",
    "Networks",
    "OAuth",
    "Operation",
    "Overview",
    "Page",
    "Payload",
    "Payloads",
    "Problems",
    "Quotas",
    "Radio",
    "RadiusAnswer",
    "ReportType",
    "Reports",
    "Rules",
    "Series",
    "Speedtest",
    "SplashCode",
    "SplashCodeForm",
    "SplashCodes",
    "SplashPage",
    "SplashPages",
    "TokenPair",
    "Turns",
    "Version",
    "Voucher",
    "VoucherForm",
    "Vouchers",
    "Wan",
    "Zone",
    "Zones",
    "location_problems",
    "network_problems",
    "normal_mac",
]
