"""Names of the effect kinds of the set-up."""

MAKE = "setup.make"
TWINS = "setup.twins"
OPEN = "setup.open"
GIVE = "setup.give"
GREET = "setup.greet"
TELL = "setup.tell"
