"""Browsers and origins by classes so wide that they single out nobody."""

import re
from urllib.parse import urlsplit

BROWSERS = (("Edg", "edge"), ("OPR/", "opera"), ("Firefox/", "firefox"), ("Chrome/", "chrome"), ("Safari/", "safari"))
SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Windows", "windows"),
    ("Mac OS", "macos"),
    ("Linux", "linux"),
)
ROBOTS = (
    *("crawl", "spider", "slurp", "archiver", "preview", "monitor", "uptime", "pingdom", "scan", "headless"),
    *("lighthouse", "facebookexternal", "feedfetcher", "validator", "check_http", "httpx-nuclei", "zgrab"),
)
BOT = re.compile(r"bot\b")
PROGRAMS = re.compile(
    r"^$|curl|wget|python|aiohttp|httpx|java|okhttp|go-http|node|axios|ruby|perl|php|r-curl|libcurl|postman|qgis|gdal",
    re.IGNORECASE,
)
SEARCH = re.compile(r"(^|\.)(google|bing|qwant|duckduckgo|ecosia|yahoo|lilo|startpage|brave|yandex|baidu)\.")
SOCIAL = re.compile(
    r"(^|\.)(facebook|linkedin|twitter|instagram|mastodon|bsky|reddit|youtube)\.|^(t\.co|x\.com|lnkd\.in)$"
)


def classify_browser(agent: str) -> str:
    """Return the class of a browser, such as "firefox windows" (no version); "program" or "other" otherwise."""
    name = next((name for mark, name in BROWSERS if mark in agent), None)
    if name is None:
        return "program" if PROGRAMS.search(agent) else "other"
    return f"{name} {next((name for mark, name in SYSTEMS if mark in agent), 'other')}"


def is_robot(agent: str, kind: str) -> bool:
    """Tell whether no person reads: a declared robot, or a mere program fetching a page made for people."""
    known = agent.lower()
    declared = any(word in known for word in ROBOTS) or ("bot" in known and BOT.search(known))
    return bool(declared or (kind == "page" and PROGRAMS.search(agent)))


def classify_referrer(address: str, host: str) -> str:
    """Return where a visit comes from: "none", "internal", "search", "social" or "site"; never which."""
    try:
        origin = (urlsplit(address).hostname or "").casefold()
    except ValueError:
        return "none"
    if not origin:
        return "none"
    if origin == host.partition(":")[0].casefold():
        return "internal"
    return "search" if SEARCH.search(origin) else "social" if SOCIAL.search(origin) else "site"
