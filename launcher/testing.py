"""``./test``: finds a browser, then becomes pytest; tests/embedded.py starts the servers."""

import os
import sys

from launcher.browser import find_browser
from launcher.terminal import say

REQUIRED = ("CI", "XENWEB_REQUIRE_BROWSER")
WHOLE_RUN = ("-n", "5", "--dist", "worksteal")  # tests wait more than they work: five on two cores


def main(argv: list[str]) -> None:
    """A missing browser is said, and is a failure where one is required."""
    required = any(os.environ.get(name, "") not in {"", "0", "false"} for name in REQUIRED)
    browser = find_browser(required=required)
    if browser:
        os.environ["XENWEB_CHROMIUM"] = browser
    else:
        os.environ.pop("XENWEB_CHROMIUM", None)
        say("browser tests skipped: no Chromium on PATH, and none could be installed (apt-get, playwright).")
        if required:
            sys.exit("A browser is required here (CI or XENWEB_REQUIRE_BROWSER is set).")
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(argv or WHOLE_RUN)])


if __name__ == "__main__":
    main(sys.argv[1:])
