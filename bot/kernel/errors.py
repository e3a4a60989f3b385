"""A small tree of refusals, each one calm sentence with its remedy.

UserFacingError      shown as written, privately
├── NotFound         nothing by that name here, or nothing that this person may see
├── NotAllowed       the person lacks the role or the right
├── WrongState       the right command at the wrong moment
│   └── Overtaken    … because somebody else was faster
├── TooMany          more than one person can ask for in a while; it says when it goes again
├── StoreTrouble     the store cannot be written or reached; nothing was done, what was typed cannot be kept
├── BadInput         something typed cannot be used; whoever shows it keeps what was typed
└── Repeated         the same interaction came again: nothing is done and nothing is shown
"""


class UserFacingError(Exception):
    """A refusal that is shown to the person as it is written."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(UserFacingError):
    """There is nothing by that name that this person may see."""


class NotAllowed(UserFacingError):
    """This person may not do that; the sentence says who may."""


class WrongState(UserFacingError):
    """It cannot be done now; the sentence says what can."""


class Overtaken(WrongState):
    """Somebody else changed the same thing at the same moment; nothing of this was done, so it may be done again."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed this at the same moment, so yours was not done. Please look again, then repeat it."
        )


class StoreTrouble(UserFacingError):
    """The store cannot be used just now; the sentence says whether something was done."""


class BadInput(UserFacingError):
    """What was typed cannot be used; the sentence says what can."""


class TooMany(UserFacingError):
    """More than one person can ask for in a while. The sentence says when it goes again, and what to do instead."""


class Repeated(UserFacingError):
    """This interaction was handled before; the caller stays silent."""

    def __init__(self, sentence: str = "That was done already.") -> None:
        super().__init__(sentence)
