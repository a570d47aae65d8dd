"""The practice CT's memory across restarts: one JSON file of made-up data, replaced whole."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox.ct.box import Box, Job
from bot.sandbox.ct.histories import Operation, Version
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.tokens import Code, TokenRow

FORMAT = 2


def load(path: Path, size: dict[str, int]) -> dict[str, Any] | None:
    """What an earlier run left, or None: no file, one of another format, or one of a world of another size."""
    try:
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return kept if (kept.get("format"), kept.get("size")) == (FORMAT, size) else None


def save(path: Path, practice: Practice, pristine: dict[str, dict[str, Any]], size: dict[str, int]) -> None:
    """Write what differs from `pristine`, the boxes as they were built."""
    draft = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(json.dumps(_kept(practice, pristine, size)), "utf-8")
    draft.replace(path)


def _kept(practice: Practice, pristine: dict[str, dict[str, Any]], size: dict[str, int]) -> dict[str, Any]:
    world = practice.world
    return {
        "format": FORMAT,
        "built_at": world.built_at,
        "size": size,
        "application": asdict(practice.application),
        "sessions": practice.sessions,
        "codes": [asdict(code) for code in practice.tokens.codes.values()],
        "tokens": [asdict(row) for row in practice.tokens.rows],
        "people": [asdict(person) for person in world.people],
        "boxes": {slug: now for slug, box in world.boxes.items() if (now := asdict(box)) != pristine.get(slug)},
        "gone": [slug for slug in pristine if slug not in world.boxes],
        "locations": {
            place.slug: {**asdict(place), "favourite_of": sorted(place.favourite_of)}
            for place in world.locations.values()
        },
        "operations": {slug: [asdict(row) for row in rows] for slug, rows in world.histories.operations.items()},
        "versions": {slug: [asdict(row) for row in rows] for slug, rows in world.histories.versions.items()},
        "last_id": world.histories.last_id,
        "shelves": practice.shelves.as_json(),
    }


def restore(kept: dict[str, Any], practice: Practice) -> None:
    """Put what was kept over a world that was built with the same `built_at`."""
    world = practice.world
    known = practice.application.redirect_uris
    practice.application.redirect_uris = list(dict.fromkeys([*known, *kept["application"]["redirect_uris"]]))
    practice.sessions.update(kept["sessions"])
    practice.tokens.codes.update({row["code"]: Code(**row) for row in kept["codes"]})
    for row in kept["tokens"]:
        practice.tokens.keep(TokenRow(**row))
    for row in kept["people"]:
        if person := world.person(row["slug"]):
            vars(person).update(row)
    for slug in kept["gone"]:
        world.drop(world.boxes[slug])
    for row in kept["boxes"].values():
        jobs = {name: Job(**row[name]) if row[name] else None for name in ("job", "planned")}
        known_box = world.boxes.get(row["slug"])
        if known_box and known_box.location_slug != row["location_slug"]:
            world.drop(known_box)
        world.put(Box(**{**row, **jobs}))
    world.locations = {
        slug: Location(**{**row, "favourite_of": set(row["favourite_of"])}) for slug, row in kept["locations"].items()
    }
    for slug, rows in kept["operations"].items():
        world.histories.operations[slug] = [Operation(**row) for row in rows]
    for slug, rows in kept["versions"].items():
        world.histories.versions[slug] = [Version(**row) for row in rows]
    world.histories.last_id = kept["last_id"]
    practice.shelves.restore(kept["shelves"])
