"""Who still waits for an answer: a person is never left with "is thinking…", whatever happened to the process.

Before an interaction is deferred it is put on a list (`waiting`), from which its answer takes it. What was left without
one (a process that was killed, an answer that Discord did not take) moves into the store with an effect that answers
it: through the interaction while its token lives, else by direct message.
"""

from bot.answers.service import Answers, LateAnswer

__all__ = ["Answers", "LateAnswer"]
