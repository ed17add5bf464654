"""Make sure that a browser is there for the browser tests, and say what was done. Run by `make test`."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium of this machine, else of the one that Playwright keeps, else None."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or find_playwright_browser()


def find_playwright_browser() -> str | None:
    """Return the path of Playwright's own Chromium when it was installed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def install_browser() -> None:
    """Install a Chromium: Debian's when root, else Playwright's in the home folder."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No browser found: installing Debian's chromium (apt-get)…", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        updated = subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False).returncode == 0
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        if updated and subprocess.run(command, env=environment, check=False).returncode == 0:
            return
    print("No browser found: installing Playwright's chromium…", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """Find or install a browser; return 1, with what to do, when there is none in the end."""
    if not find_browser():
        install_browser()
    browser = find_browser()
    if browser is None:
        print(
            "There is still no browser: install Chromium by hand (for instance `apt-get install chromium`), "
            "or run `pytest -m 'not browser and not verify'`.",
            file=sys.stderr,
        )
        return 1
    print(f"Browser tests use {browser}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
