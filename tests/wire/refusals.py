"""How this Discord says no: an HTTP status, Discord's own code and its own words."""

from __future__ import annotations

from typing import Any

WORDS: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10009: (404, "Unknown Permission Overwrite"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10026: (404, "Unknown Ban"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30005: (400, "Maximum number of guild roles reached (250)"),
    30013: (400, "Maximum number of guild channels reached (500)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30060: (400, "Maximum number of channel permission overwrites reached (1000)"),
    40001: (401, "401: Unauthorized"),
    40033: (400, "This message has already been crossposted."),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50028: (400, "Invalid Role"),
    50068: (400, "Invalid message type"),
    50083: (400, "Thread is archived"),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
}


class Refusal(Exception):
    """One refused request. `errors` maps a path such as `embeds.0.title` to what is wrong there."""

    def __init__(self, code: int, *, status: int | None = None, message: str | None = None) -> None:
        known_status, known_message = WORDS.get(code, (400, "Refused"))
        self.code = code
        self.status = status or known_status
        self.message = message or known_message
        self.errors: dict[str, str] = {}
        super().__init__(f"{self.status}/{code} {self.message}")

    def payload(self) -> dict[str, Any]:
        """Discord's JSON, with the errors nested as Discord nests them."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        for path, words in self.errors.items():
            at = body.setdefault("errors", {})
            for part in path.split("."):
                at = at.setdefault(part, {})
            at.setdefault("_errors", []).append({"code": "INVALID", "message": words})
        return body


def invalid(errors: dict[str, str]) -> Refusal:
    """An invalid form body (50035)."""
    refusal = Refusal(50035, status=400, message="Invalid Form Body")
    refusal.errors = dict(errors)
    return refusal
