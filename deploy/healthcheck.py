"""For containers: ends with 0 while /healthz answers, or where the web side is off. Needs nothing installed."""

import os
import sys
import urllib.request

TIMEOUT_S = 3


def main() -> int:
    """0: alive."""
    port = os.environ.get("VIGIL_WEB__PORT", "8080")
    if port == "0":
        return 0
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=TIMEOUT_S) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"/healthz does not answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
