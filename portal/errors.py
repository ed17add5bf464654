"""From an error to an answer: one mapping, one body for programs, one page for people.

Errors of the tree (`datasets/errors.py`) and of HTTP itself become a Problem; programs get it as the Explore
API's JSON, whatever went wrong and wherever, people as `error.html`. docs/errors.md lists the codes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, render_template, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException, InternalServerError

from datasets import errors
from portal.clock import SystemClock
from portal.extensions import is_api_call, limiter
from portal.i18n import language

STATUSES: Mapping[type[errors.PortalError], int] = MappingProxyType(
    {
        errors.NotFound: 404,
        errors.Withdrawn: 410,
        errors.QueryError: 400,
        errors.InvalidParameter: 400,
        errors.LimitExceeded: 503,
        errors.Busy: 503,
        errors.IngestError: 422,
        errors.DisclosureError: 422,
        errors.StoreError: 500,
        errors.DiskFull: 507,
        errors.StoreUnavailable: 503,
        errors.AuthenticationFailed: 401,
        errors.PermissionDenied: 403,
        errors.CrossSiteRequest: 403,
        errors.Conflict: 409,
        errors.FetchRefused: 422,
        errors.Locked: 503,
        errors.SettingError: 500,
        errors.PortalError: 500,
    }
)
"""The status of each error; a class that is not here has its parent's."""

MEANS = ("time", "memory")
"""Limits of our means (503). The others are met by the same request each time: the caller's fault (400)."""


@dataclass(frozen=True)
class Problem:
    """What went wrong, ready to be told: the HTTP status, the code for programs, the message by language."""

    status: int
    code: str
    en: str
    fr: str

    def message(self, lang: str) -> str:
        """Return the message in `lang`."""
        return self.fr if lang == "fr" else self.en


HTTP_PROBLEMS: Mapping[int, Problem] = MappingProxyType(
    {
        problem.status: problem
        for problem in (
            Problem(400, "BadRequest", "The request cannot be read.", "La requête est illisible."),
            Problem(401, "AuthenticationError", "Sign in to go on.", "Connectez-vous pour continuer."),
            Problem(403, "ForbiddenAccess", errors.PermissionDenied.en, errors.PermissionDenied.fr),
            Problem(404, "NotFoundURI", "The requested URI does not exist.", "L’adresse demandée n’existe pas."),
            Problem(
                405,
                "MethodNotAllowed",
                "This method is not allowed here; the Allow header names those that are.",
                "Cette méthode n’est pas permise ici ; l’en-tête Allow donne celles qui le sont.",
            ),
            Problem(410, "Gone", "This address is no longer served.", "Cette adresse n’est plus servie."),
            Problem(
                413, "RequestTooLarge", "What was sent is over the limit of size.", "L’envoi dépasse la taille permise."
            ),
            Problem(
                415, "UnsupportedMediaType", "This kind of content is not read here.", "Ce type de contenu est refusé."
            ),
            Problem(
                416, "RangeNotSatisfiable", "The file has no such range.", "Le fichier n’a pas cet intervalle d’octets."
            ),
            Problem(
                429,
                "TooManyRequests",
                "Too many requests. Wait until the reset time, or sign in and use an API key.",
                "Trop de requêtes. Attendez l’heure de remise à zéro, ou connectez-vous et utilisez une clé d’API.",
            ),
            Problem(
                500,
                "InternalError",
                "Something went wrong on our side. The incident was recorded; please try again later.",
                "Une erreur est survenue de notre côté. Elle a été enregistrée ; réessayez plus tard.",
            ),
        )
    }
)
"""The problems of HTTP itself, by status."""

ANONYMOUS_QUOTA = 10005
"""Opendatasoft's number for the quota of one client, in the older body of a 429."""


def describe_error(error: errors.PortalError | HTTPException) -> Problem:
    """Return the problem that `error` is for whoever asked."""
    if isinstance(error, errors.PortalError):
        status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
        if isinstance(error, errors.LimitExceeded) and error.what not in MEANS:
            status = 400
        return Problem(status, error.code, error.message("en"), error.message("fr"))
    status = error.code or 500
    name = error.name.replace(" ", "")
    return HTTP_PROBLEMS.get(status) or Problem(status, name, error.name, error.name)


def init_app(app: Flask) -> None:
    """Make every error of `app` an answer. Unexpected exceptions are logged by Flask, then told as a 500."""
    app.register_error_handler(errors.PortalError, answer)
    app.register_error_handler(HTTPException, answer)


def answer(error: errors.PortalError | HTTPException) -> Response:
    """Tell an error: to a program in JSON, to a person as a page."""
    problem = describe_error(error)
    if is_api_call():
        lang = "fr" if request.args.get("lang", "").lower().startswith("fr") else "en"
        response = Response(_api_body(error, problem, lang), problem.status, mimetype="application/json")
        response.content_language.add(lang)
    else:
        response = Response(render_template("error.html", problem=problem, message=problem.message(language())))
        response.status_code = problem.status
    for name, value in _headers(error, problem):
        response.headers[name] = value
    return response


def _api_body(error: errors.PortalError | HTTPException, problem: Problem, lang: str) -> str:
    body: dict[str, Any] = {"error_code": problem.code, "message": problem.message(lang)}
    if isinstance(error, RateLimitExceeded):
        body |= _quota()
    return json.dumps(body, ensure_ascii=False, indent=2)


def _quota() -> dict[str, Any]:
    """Return the older vocabulary of a 429, which clients of the first API read."""
    current = limiter.current_limit
    if current is None:
        return {}
    return {
        "errorcode": ANONYMOUS_QUOTA,
        "reset_time": datetime.fromtimestamp(current.window.reset_time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "limit_time_unit": current.limit.GRANULARITY.name,
        "call_limit": current.limit.amount,
        "error": "Too many requests on the domain. Please contact the domain administrator.",
    }


def _headers(error: errors.PortalError | HTTPException, problem: Problem) -> list[tuple[str, str]]:
    """Return the headers that the status calls for (Allow, Retry-After, WWW-Authenticate…)."""
    found: list[tuple[str, str]] = [("Cache-Control", "no-store")]
    if isinstance(error, HTTPException) and not isinstance(error, InternalServerError):
        found += [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    if isinstance(error, RateLimitExceeded) and limiter.current_limit is not None:
        wait = limiter.current_limit.window.reset_time - SystemClock().now().timestamp()
        found.append(("Retry-After", str(max(1, round(wait)))))
    if isinstance(error, errors.Busy):
        found.append(("Retry-After", str(error.seconds)))
    if problem.status == 401:
        found.append(("WWW-Authenticate", "Apikey"))
    return found
