"""Situations to which the guide gives a severity, and, where it gives two, both: the worse one holds and says so."""

from dataclasses import dataclass

from bot.policy.words import Kind, Severity


@dataclass(frozen=True)
class Reading:
    """The guide calls `situation` a `severity` in `section`."""

    situation: str
    kind: Kind
    severity: Severity
    section: str


HARASSMENT, ESCALATING, OFFLINE = "harassment or hate speech", "an escalating disagreement", "offline for over 2 h"

READINGS: tuple[Reading, ...] = (
    Reading(HARASSMENT, Kind.COMMUNITY, Severity.SEV0, "Community Conflict › Assess Severity"),
    Reading(HARASSMENT, Kind.COMMUNITY, Severity.SEV1, "SEV-1 › Examples"),
    Reading(ESCALATING, Kind.COMMUNITY, Severity.SEV1, "Community Conflict › Assess Severity"),
    Reading(ESCALATING, Kind.COMMUNITY, Severity.SEV2, "SEV-2 › Examples"),
    Reading(OFFLINE, Kind.OUTAGE, Severity.SEV1, "SEV-1 › Examples"),
)


@dataclass(frozen=True)
class SeverityChoice:
    """The reading that holds, and those that it beat."""

    reading: Reading
    beaten: tuple[Reading, ...]

    def sentence(self) -> str:
        """ "SEV-0: Community Conflict › Assess Severity; SEV-1 › Examples would give SEV-1"."""
        said = f"{self.reading.severity}: {self.reading.section}"
        others = [f"{one.section} would give {one.severity}" for one in self.beaten]
        return "; ".join([said, ", ".join(others)]) if others else said


def worst_reading(situation: str) -> SeverityChoice | None:
    """The worst severity that the guide gives to `situation`; None where it does not speak of it."""
    found = sorted((one for one in READINGS if one.situation == situation), key=lambda one: one.severity.rank)
    return SeverityChoice(found[0], tuple(found[1:])) if found else None
