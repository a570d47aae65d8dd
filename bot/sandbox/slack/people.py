"""Who is there: two workspaces, the people in them, and the channels they share."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.credentials import BOT_USER_ID, SLACKBOT_ID

ACME = "T01ACME"
ORBIT = "T02ORBIT"


@dataclass
class Team:
    id: str
    name: str
    domain: str


@dataclass
class Person:
    id: str
    name: str
    real_name: str
    role: str
    team_id: str
    tz: str = "Europe/London"
    deleted: bool = False

    def summary(self, home_team: str) -> dict[str, Any]:
        """The person as somebody of `home_team` sees them: a stranger is an outsider."""
        role = "outsider" if self.role != "bot" and self.team_id != home_team else self.role
        return {"id": self.id, "name": self.name, "real_name": self.real_name, "role": role, "team_id": self.team_id}


@dataclass
class Channel:
    id: str
    name: str
    kind: str
    team_id: str
    members: set[str] = field(default_factory=set)
    bot_is_member: bool = False

    @property
    def name_in_payload(self) -> str:
        """Slack does not tell an app the name of a private place."""
        return {"app": "directmessage", "private": "privategroup"}.get(self.kind, self.name)


@dataclass
class Directory:
    """Teams, people and channels, with the questions that are asked about them."""

    teams: dict[str, Team]
    people: dict[str, Person]
    channels: dict[str, Channel]

    def person(self, user_id: str) -> Person:
        return self.people[user_id]

    def channel(self, key: str) -> Channel:
        """By id, or by name with or without the hash."""
        if key in self.channels:
            return self.channels[key]
        name = key.removeprefix("#")
        return next(channel for channel in self.channels.values() if channel.name == name and channel.kind != "app")

    def channels_of(self, user_id: str) -> list[Channel]:
        return [channel for channel in self.channels.values() if user_id in channel.members]

    def direct(self, user_id: str) -> Channel:
        """The DM between a person and the bot."""
        return self.channels["D" + user_id[1:]]

    def team_of(self, user_id: str) -> Team:
        return self.teams[self.people[user_id].team_id]

    def name_of(self, user_id: str) -> str | None:
        person = self.people.get(user_id)
        return person.name if person else None


def practice_directory() -> Directory:
    """Acme with its four people, Orbit with one, and the four channels of Acme."""
    teams = {ACME: Team(ACME, "Acme", "acme"), ORBIT: Team(ORBIT, "Orbit", "orbit")}
    people = [
        Person("U01ANA", "ana", "Ana Oliveira", "member", ACME),
        Person("U02LEE", "lee", "Lee Chen", "member", ACME),
        Person("U03KIM", "kim", "Kim Novak", "member", ACME),
        Person("U04GUS", "gus", "Gus Brandt", "guest", ACME),
        Person("U05ZOE", "zoe", "Zoe Laurent", "member", ORBIT),
    ]
    acme, members = {"U01ANA", "U02LEE", "U03KIM", "U04GUS"}, {"U01ANA", "U02LEE", "U03KIM"}
    channels = [
        Channel("C01NOC", "noc", "channel", ACME, set(acme), bot_is_member=True),
        Channel("C02GEN", "general", "channel", ACME, set(acme)),
        Channel("C03ORB", "venues-orbit", "shared", ACME, {*acme, "U05ZOE"}, bot_is_member=True),
        Channel("C04OPS", "ops", "private", ACME, set(members)),
    ]
    channels += [
        Channel("D" + person.id[1:], "CT", "app", person.team_id, {person.id}, bot_is_member=True) for person in people
    ]
    people.append(Person(BOT_USER_ID, "CT", "CT", "bot", ACME))
    people.append(Person(SLACKBOT_ID, "Slackbot", "Slackbot", "bot", ACME))
    return Directory(teams, {person.id: person for person in people}, {channel.id: channel for channel in channels})
