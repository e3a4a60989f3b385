"""`python -m bot`."""

import sys

from bot.collector import loading

with loading():
    from bot.cli import main

sys.exit(main())
