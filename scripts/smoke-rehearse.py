"""Open the rehearsal as `make rehearse` does, look at its page, stop it; then play the worked example."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request

LIMIT_S = 120
ENDS_WITH = "Resolved after 45 minutes"


def opens() -> bool:
    """Whether the page answers and ends when it is asked to."""
    page = subprocess.Popen(
        ["make", "--no-print-directory", "rehearse", "ARGS=--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert page.stdout is not None
    try:
        for line in page.stdout:
            print(line, end="")
            if found := re.search(r"http://127\.0\.0\.1:\d+\S*", line):
                with urllib.request.urlopen(found.group(), timeout=LIMIT_S) as answer:
                    return bool(answer.status == 200)
        print("the rehearsal ended before it opened", file=sys.stderr)
        return False
    finally:
        os.killpg(page.pid, signal.SIGTERM)
        page.wait(timeout=LIMIT_S)


def plays() -> bool:
    """Whether the example is played to its end."""
    played = subprocess.run(
        [sys.executable, "-m", "bot", "rehearse", "--play", "api-outage"],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    print(f"the played example: {len(played.stdout.splitlines())} lines, exit code {played.returncode}")
    if played.returncode == 0 and ENDS_WITH in played.stdout:
        return True
    print(played.stdout[-4000:], played.stderr, sep="\n", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(0 if opens() and plays() else 1)
