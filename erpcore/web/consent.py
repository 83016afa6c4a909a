"""Where somebody elsewhere gives a consent: ``/consent/{secret}``, and ``/consent/callback`` for the way back.

The person is the customer's administrator, at a browser of their own, who knows nothing of erpcore. Asking for the
page changes nothing, since mail programs open links by themselves; pressing its button binds the question to that
browser; and the page at the end says what came of it, after it has come of it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from html import escape

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from erpcore import registry
from erpcore.engine.trial import Trial, connection_kind
from erpcore.errors import ErpcoreError
from erpcore.redaction import hide_everywhere
from erpcore.settings import Settings
from erpcore.store import (
    ConsentLink,
    Store,
    answered_link,
    begin_consent,
    consent_link,
    noted_accounts,
    use_consent_link,
)

_log = logging.getLogger(__name__)

CALLBACK = "/consent/callback"
_COOKIE = "erpcore-consent"
_STYLE = (
    ":root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui;max-width:38rem;margin:4rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.5em 1em}"
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_GONE = "This link is not valid: it was used, its day is over, or another one was made since. Ask for a new one."
_FOREIGN = (
    "This answer does not belong to a question that was asked from this browser. Begin again at the link that you were "
    "given, and finish in the same browser."
)


def consent_routes(settings: Settings, store: Store) -> list[Route]:
    """Build the pages.

    Args:
        settings: The settings.
        store: Where the links are, and what is accepted is kept.
    """

    async def show(request: Request) -> Response:
        """Say what is asked for; nothing is changed."""
        return await run_in_threadpool(_show, settings, store, request.path_params["secret"])

    async def begin(request: Request) -> Response:
        """Bind the question to this browser, and give the way on."""
        return await run_in_threadpool(_begin, settings, store, request.path_params["secret"])

    async def answer(request: Request) -> Response:
        """Take what the system sends the person back with."""
        query = dict(request.query_params)
        return await run_in_threadpool(_answer, settings, store, query, request.cookies.get(_COOKIE, ""))

    return [
        Route(CALLBACK, answer, methods=["GET"]),
        Route("/consent/{secret}", show, methods=["GET"]),
        Route("/consent/{secret}", begin, methods=["POST"]),
    ]


def _show(settings: Settings, store: Store, secret: str) -> Response:
    link = _usable(settings, store, secret)
    if link is None:
        return _page("The link is not valid", _GONE, status=404)
    return _page(
        f"Consent for {_system(settings, link)}",
        f"{link.made_by} asks you to let erpcore work with {_whose(store, link)}. erpcore makes customers, articles, "
        "orders and invoices there from your CRM, and reads what became of them. You sign in at the system itself; "
        "erpcore never sees your password. You can withdraw the consent there at any time.",
        form="Go on to sign in",
    )


def _begin(settings: Settings, store: Store, secret: str) -> Response:
    link = _usable(settings, store, secret)
    if link is None:
        return _page("The link is not valid", _GONE, status=404)
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    try:
        with Trial(settings, store, link.connection, {}) as trial:
            if trial.consent is None:
                return _page("The link is not valid", _GONE, status=404)
            address = trial.consent.authorization_url(link.redirect_uri, state)
    except Exception as error:
        return _failed(link, error)
    with store.begin() as writing:
        begin_consent(writing, link, state=state, browser=browser)
    # A link and not a redirection: after a form, a browser would hold the redirection to the form's own policy.
    page = _page(
        f"Consent for {_system(settings, link)}",
        "Sign in with the company that erpcore shall work with. You come back to a page that says what came of it.",
        go=address,
    )
    secure = link.redirect_uri.startswith("https://")
    page.set_cookie(_COOKIE, browser, max_age=3600, path=CALLBACK, secure=secure, httponly=True, samesite="lax")
    return page


def _answer(settings: Settings, store: Store, query: dict[str, str], browser: str) -> Response:
    with store.read() as reading:
        link = answered_link(reading, state=query.get("state", ""), browser=browser)
    if link is None or link.connection not in settings.connections:
        return _page("Nothing was changed", _FOREIGN, status=400)
    if link.used_at is not None:
        return _page("The link is not valid", _GONE, status=404)
    if "code" not in query:
        told = query.get("error_description") or query.get("error") or "no reason was given"
        _log.warning("%s: the consent that %s asked for was not given: %s", link.connection, link.made_by, told)
        return _page("Nothing was changed", f"The consent was not given: {told}. The link can be used again.")
    try:
        with Trial(settings, store, link.connection, {}) as trial:
            if trial.consent is None:
                return _page("Nothing was changed", _FOREIGN, status=400)
            trial.consent.finish_authorization(query["code"], link.redirect_uri)
            found = trial.keep(also=lambda writing: _use(writing, link))
    except Exception as error:
        return _failed(link, error)
    whose = found.words or _system(settings, link)
    _log.warning("%s: consent was given by the link that %s made: %s", link.connection, link.made_by, whose)
    return _page("Done", f"erpcore works with {whose} from now on. You can close this page.")


def _use(writing: sa.Connection, link: ConsentLink) -> None:
    if not use_consent_link(writing, link):
        raise ErpcoreError("The link was used meanwhile.")


def _usable(settings: Settings, store: Store, secret: str) -> ConsentLink | None:
    with store.read() as reading:
        link = consent_link(reading, secret)
    usable = link is not None and link.used_at is None and link.connection in settings.connections
    return link if usable else None


def _system(settings: Settings, link: ConsentLink) -> str:
    plugin = settings.connections[link.connection].plugin
    return registry.load(connection_kind(settings, link.connection), plugin).display_name


def _whose(store: Store, link: ConsentLink) -> str:
    with store.read() as reading:
        noted = noted_accounts(reading, [f"connections.{link.connection}"])
    if not noted:
        return "the company that you sign in with"
    name = noted[0].name
    return f"{name} ({noted[0].key})" if name and name not in noted[0].key else noted[0].key


def _failed(link: ConsentLink, error: Exception) -> Response:
    """Say that nothing came of it; what a plugin raises that nobody foresaw is for the log alone."""
    if not isinstance(error, ErpcoreError):
        _log.error("%s: unexpected in a consent by link", link.connection, exc_info=error)
        error = ErpcoreError(f"Something went wrong ({type(error).__name__}, see erpcore's log).")
    told = hide_everywhere(error)
    _log.warning("%s: a consent by link came to nothing: %s", link.connection, told)
    return _page("Nothing was changed", f"The connection was not made. {told.message}", status=400)


def _page(title: str, text: str, *, form: str | None = None, go: str | None = None, status: int = 200) -> HTMLResponse:
    way_on = ""
    if form is not None:
        way_on = f"<form method=post><button>{escape(form)}</button></form>"
    if go is not None:
        way_on = f'<p><a href="{escape(go)}" rel=noreferrer>Go to the sign-in</a>'
    body = (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1><p>{escape(text)}</p>{way_on}"
    )
    return HTMLResponse(body, status, headers=_HEADERS)
