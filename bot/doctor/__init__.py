"""`python -m bot doctor`: what is right, what is not, and what to change where. It changes nothing itself."""

from bot.doctor.run import run

__all__ = ["run"]
