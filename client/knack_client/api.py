"""The server's JSON over HTTP: one request, one document."""

import asyncio
import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from knack_client.errors import HttpError, Unreachable

TIMEOUT_S = 10
"""Longer than any answer of a healthy server; a desk says so then instead of turning its wheel."""

# A venue's server is near; the proxy of the environment is for elsewhere.
_OPENER = build_opener(ProxyHandler({}))


class Api:
    """Requests to one server about one event; `token` is a moderator's, empty for what anybody may ask."""

    def __init__(self, http: str, event: str = "", token: str = "") -> None:
        self._http = http
        self._event = event
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str, **query: str | int) -> Any:
        """Return the document at a path such as `/api/standings`.

        Raises:
            HttpError: the server answered with an error.
            Unreachable: it did not answer.
        """
        return await asyncio.to_thread(self._fetch, "GET", path, query, None)

    async def post(self, path: str, document: dict[str, Any]) -> Any:
        """Send a document, and return the one that answers it.

        Raises:
            HttpError: the server answered with an error.
            Unreachable: it did not answer; the document may or may not have been taken.
        """
        return await asyncio.to_thread(self._fetch, "POST", path, {}, document)

    async def delete(self, path: str) -> Any:
        """Delete what is at a path, and return the document that says so.

        Raises:
            HttpError: the server answered with an error.
            Unreachable: it did not answer; it may or may not have been deleted.
        """
        return await asyncio.to_thread(self._fetch, "DELETE", path, {}, None)

    def _fetch(
        self, method: str, path: str, query: dict[str, str | int], document: dict[str, Any] | None
    ) -> Any:
        named = {name: value for name, value in {"event": self._event, **query}.items() if value != ""}
        body = None if document is None else json.dumps(document).encode()
        headers = (
            {**self._headers, "Content-Type": "application/json"} if document is not None else self._headers
        )
        # `Address.parse` allows http and https only.
        request = Request(f"{self._http}{path}?{urlencode(named)}", body, headers, method=method)  # noqa: S310
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                status, text = answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                raise _http_error(refused.code, refused.read()) from refused
        except (URLError, OSError) as failed:
            raise Unreachable(f"cannot reach {self._http}: {getattr(failed, 'reason', failed)}") from failed
        try:
            return json.loads(text)
        except ValueError as broken:
            raise HttpError(status, "", "the answer is not JSON") from broken


def _http_error(status: int, body: bytes) -> HttpError:
    try:
        said = json.loads(body)
        return HttpError(status, str(said.get("error", "")), str(said.get("message", "")))
    except (ValueError, AttributeError):  # plain text, as from a proxy or for a path that does not exist
        return HttpError(status, "", body.decode(errors="replace").strip()[:200])
