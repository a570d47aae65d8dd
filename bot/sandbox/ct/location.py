"""A location as the practice CT keeps it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Location:
    """A venue. `account_id` is who it belongs to; nobody else can see it."""

    id: int
    slug: str
    unique_id: str
    location_name: str
    location_address: str
    town: str
    postcode: str
    country: str
    account_id: str
    user_id: int
    lat: float
    lng: float
    timezone: str
    created_at: int
    updated_at: int
    clients_total: int
    archived: bool = False
    favourite_of: set[str] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self, *, person_slug: str, clients: int, boxes: int, number_id: bool) -> dict[str, Any]:
        """All fields of ct-api.md 3.1, the secrets among them so that leaks can be caught."""
        return {
            "id": self.id if number_id else str(self.id),
            "slug": self.slug,
            "unique_id": self.unique_id,
            "location_name": self.location_name,
            "location_address": self.location_address,
            "street": self.location_address,
            "town": self.town,
            "postcode": self.postcode,
            "country": self.country,
            "phone1": None,
            "location_website": None,
            "location_type": None,
            "lat": self.lat,
            "lng": self.lng,
            "archived": self.archived,
            "state": "archived" if self.archived else "active",
            "development_mode": "Production",
            "daily_limit": False,
            "user_id": self.user_id,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "clients_total": self.clients_total,
            "clients_online": clients,
            "boxes_count": boxes,
            "meraki_secret": f"canary-meraki-{self.slug}",
            "meraki_validator": f"canary-validator-{self.slug}",
            "is_favourite": person_slug in self.favourite_of,
            "has_devices": boxes > 0,
            "project_id": None,
            "brand_id": None,
            "timezone": self.timezone,
            "pubsub_token": f"canary-pubsub-{self.slug}",
            "api_token": f"canary-api-{self.slug}",
            "alert_interval": 10,
            "reports_active": False,
            "reports_emails": "",
            "security_level": 1,
            "authorized_ips": "",
            "ct_view": True,
            "ct_modify": False,
            "add_to_global_map": False,
            "lucky_dip": None,
            "network_location": False,
            "demo": False,
            **self.extra,
        }
