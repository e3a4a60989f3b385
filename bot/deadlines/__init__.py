"""Everything that is due: one table, one scan, one timer.

A duty or promise becomes a row with its owner, its rule and its reason in the transaction that made it due. The engine
sleeps until the earliest one, claims what is due under a lease, and lets the handler of its kind record what follows;
the row is marked in that same transaction, so a crash repeats the work and never loses or doubles it.
"""

from bot.deadlines.models import Deadline, DeadlineState
from bot.deadlines.store import DueView, end, end_all, meet, put, upcoming

__all__ = ["Deadline", "DeadlineState", "DueView", "end", "end_all", "meet", "put", "upcoming"]
