"""Who still waits for an answer: a person is never left with "is thinking…", whatever happened to the process.

Before an interaction is deferred it is noted; once it is answered that is noted too. What was left without an answer
(a process that was killed, an answer that Discord did not take) is answered by an effect: through the interaction
while its token lives, else by direct message.
"""

from bot.answers.service import Answers, LateAnswer

__all__ = ["Answers", "LateAnswer"]
