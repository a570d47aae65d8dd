"""The people of the practice CT: fixed, so that tests and the demo can name them."""

from dataclasses import dataclass

OWNER, ADMINISTRATOR, EDITOR, SUPPORTER, OBSERVER = 100, 110, 120, 130, 140  # ct-api.md 3.1
ROLE_NAMES = {
    OWNER: "Owner",
    ADMINISTRATOR: "Administrator",
    EDITOR: "Editor",
    SUPPORTER: "Supporter",
    OBSERVER: "Observer",
}
PASSWORD = "practice"
VENUES = "A253444"
CAFES = "A118207"


@dataclass
class Person:
    """Somebody with a CT account. `slug` is the user id in paths (ct-api.md 1.8)."""

    id: int
    slug: str
    email: str
    first_name: str
    last_name: str
    account_id: str
    role_id: int
    created_at: int = 1_420_070_400

    @property
    def username(self) -> str:
        return self.email.partition("@")[0]

    @property
    def role_name(self) -> str:
        return ROLE_NAMES.get(self.role_id, f"role {self.role_id}")

    @property
    def may_change(self) -> bool:
        """Observer means read only (ct-api.md 3.1, inferred)."""
        return self.role_id != OBSERVER


def practice_people() -> list[Person]:
    return [
        Person(1012, "ana-5f0c", "ana@venues.example", "Ana", "Lindqvist", VENUES, OWNER),
        Person(1044, "kim-88d1", "kim@venues.example", "Kim", "Okafor", VENUES, ADMINISTRATOR),
        Person(1051, "lee-2b7e", "lee@venues.example", "Lee", "Haddad", VENUES, EDITOR),
        Person(1077, "ivy-c3a9", "ivy@venues.example", "Ivy", "Moreau", VENUES, OBSERVER),
        Person(2003, "oleg-71fa", "oleg@cafes.example", "Oleg", "Petrov", CAFES, OWNER),
    ]
