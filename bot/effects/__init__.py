"""The outbox: what must happen outside is recorded with the state that needs it, then done, once.

`record` adds an effect to a transaction; `Runner` claims what is ready under a lease, asks whether it still matters,
looks for its own mark when an earlier attempt may have landed, acts, and writes the result down only while it still
holds the lease. A refusal that will not change ends the effect and is told to people (`on_refused`).
"""

from bot.effects.handlers import Attempt, Handler, NotYet, Refused, Retry
from bot.effects.models import Effect, EffectNeed, State
from bot.effects.store import record

__all__ = ["Attempt", "Effect", "EffectNeed", "Handler", "NotYet", "Refused", "Retry", "State", "record"]
