"""Names of the effect kinds of the set-up."""

MAKE = "setup.make"
TWINS = "setup.twins"
OPEN = "setup.open"
GIVE = "setup.give"
ROSTER = "setup.roster"
GREET = "setup.greet"
TELL = "setup.tell"
