"""Floor 3: everything that a person or a program sees. `create_app` is the only place where the rooms meet."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from portal import (
    accounts,
    assets,
    audience,
    errors,
    explore,
    extensions,
    i18n,
    pages,
    privacy,
    producers,
    respond,
    sources,
)
from portal.clock import Clock, SystemClock
from portal.databases import Databases
from portal.extensions import Portal
from portal.instance import prepare_instance
from portal.jobs import Queue
from portal.mail import open_post
from portal.memory import Memory
from portal.repeated import Repeated
from portal.settings import Settings, check_identity, load_settings
from portal.state import CatalogueState
from portal.turns import Turns
from portal.vault import KeyringFile, Vault

ENTRY_BYTES = 256
"""What keeping an answer costs beside its bytes."""

TURN_SECONDS = 10.0
WAITING = 12
"""How long a query or an export waits for its turn, and how many of them may wait in one process."""

OPENED = 512
"""Datasets whose description and fields one process remembers."""

ROOMS = (explore, pages, producers, sources, accounts, audience, privacy)


def create_app(overrides: Mapping[str, Any] | None = None, *, clock: Clock | None = None) -> Flask:
    """Return the application of the instance that the settings name (`PORTAL_…`, then `overrides`).

    The instance folder and its secret are made when they are not there; databases are not.
    """
    prepare_instance(load_settings(os.environ, overrides).instance)
    settings = load_settings(os.environ, overrides)
    check_identity(settings)
    app = Flask(__name__, static_folder=None)  # see portal/assets.py
    app.config.update(flask_config(settings))
    app.jinja_options = {"bytecode_cache": keep_templates(settings.instance / "scratch" / "templates")}
    app.extensions["portal"] = open_portal(settings, clock or SystemClock())
    app.wsgi_app = Repeated(app)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies, settings.proxies)  # type: ignore[method-assign]
    for part in (i18n, extensions, assets, respond, errors, *ROOMS):
        part.init_app(app)
    return app


def keep_templates(folder: Path) -> FileSystemBytecodeCache:
    """Return where templates are kept once compiled, each by its content: the first reader of a page waits less."""
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def open_portal(settings: Settings, clock: Clock) -> Portal:
    """Return the parts that rooms receive: nothing is opened before its first use but the query engine."""
    databases = Databases(settings)
    return Portal(
        settings=settings,
        clock=clock,
        databases=databases,
        state=CatalogueState(databases),
        store=VersionStore(settings.store_url),
        engine=Engine(
            folders=[settings.store_url],
            memory=f"{settings.query_memory // 2**20}MiB",
            threads=settings.query_threads,
            seconds=settings.query_seconds,
            scratch=str(settings.instance / "scratch"),
        ),
        queue=Queue(settings.queue_url),
        answers=Memory(settings.answers_memory, weigh=lambda answer: len(answer) + ENTRY_BYTES),
        opened=Memory(OPENED),
        queries=Turns(settings.query_turns, settings.client_turns, TURN_SECONDS, WAITING),
        downloads=Turns(settings.export_turns, settings.client_turns, TURN_SECONDS, WAITING),
        vault=Vault(lambda: databases.session("keys"), KeyringFile(settings.master_key), settings.secret_key),
        post=open_post(settings, clock),
    )


def flask_config(settings: Settings) -> dict[str, Any]:
    """Return what Flask itself needs to know: the cookie of a signed-in person, and sizes."""
    https = str(settings.base_url).startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "token",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if https else "http",
        "MAX_CONTENT_LENGTH": settings.upload_limit,
        "MAX_FORM_MEMORY_SIZE": 2**20,
    }
