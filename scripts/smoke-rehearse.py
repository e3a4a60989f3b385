"""Open the rehearsal as `make rehearse` does, look at its page, stop it; then play the worked example."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request

LIMIT_S = 120


def main() -> int:
    """0 when the page answers and the play ends well."""
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
                    assert answer.status == 200, answer.status
                break
        else:
            print("the rehearsal ended before it opened", file=sys.stderr)
            return 1
    finally:
        os.killpg(page.pid, signal.SIGTERM)
        page.wait(timeout=LIMIT_S)
    return subprocess.run([sys.executable, "-m", "bot", "rehearse", "--play", "api-outage"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
