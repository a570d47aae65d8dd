"""`ct-bot doctor`: the examination from the command line, also while no bot runs and nobody else answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.doctor import configuration
from bot.doctor.examination import Doctor
from bot.doctor.findings import Finding, Group, Verdict, of, ordered
from bot.errors import ConfigError
from bot.settings import Policy, Settings

FINE, WRONG, NOT_SET_UP = 0, 1, 2
"""Exit codes. The last is that of a `serve` that refuses its settings."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code, the findings, and what each group looked at."""

    code: int
    findings: Sequence[Finding]
    targets: Mapping[Group, str] = field(default_factory=dict)


def judged(findings: Sequence[Finding], targets: Mapping[Group, str] | None = None) -> Outcome:
    """With the exit code that they mean."""
    return Outcome(WRONG if of(findings, Verdict.WRONG) else FINE, findings, targets or {})


async def examine(settings_of: Callable[[], Settings], policy_of: Callable[[Settings], Policy]) -> Outcome:
    """All that can be said; of an environment that `serve` would refuse, that is only why."""
    try:
        settings = settings_of()
    except ConfigError as error:
        return Outcome(NOT_SET_UP, configuration.refused(error.problems))
    refused: list[Finding] = []
    policy: Policy | None = None
    try:
        policy = policy_of(settings)
    except ConfigError as error:
        refused = configuration.refused(error.problems)
    examination = await Doctor(settings, policy, inside=False).examine()
    targets = configuration.targets(settings)
    if refused:
        return Outcome(NOT_SET_UP, ordered([*examination.findings, *refused]), targets)
    return judged(examination.findings, targets)
