"""Pages for people: home, documents, certificates. Everything they load lies here."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Response

from gateway import answers, reading
from gateway.certificates import Telling
from gateway.desk import arguments
from gateway.exchange import Exchange
from gateway.problems import Declined

PAGES = Environment(loader=PackageLoader("gateway"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js", "index.css", "favicon-32x32.png")
OURS = ("start.js", "pages.css")
# Swagger UI writes style attributes and draws its icons from data: URLs; scripts are ours or its own files only.
DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"connect-src 'self'; {answers.NOTHING_ELSE}"
)


class Home:
    """GET /: what runs here, and where to go on."""

    def __init__(self, demo: bool) -> None:
        self.demo = demo

    def __call__(self, exchange: Exchange) -> Response:
        """The page in the reader's language, or the one that ?lang asks for."""
        asked = reading.query_of(exchange.request.environ).get("lang", exchange.language)
        language = "zh-CN" if asked.startswith("zh") else "en"
        answer = answers.page(PAGES.get_template("home.html").render(language=language, demo=self.demo))
        answer.headers["Vary"] = "Accept-Language"
        return answer


class Described:
    """GET /openapi.json: written once."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.raw = orjson.dumps(document, option=orjson.OPT_INDENT_2)

    def openapi(self, exchange: Exchange) -> Response:
        """The document."""
        return Response(self.raw, mimetype="application/json")


def docs(exchange: Exchange) -> Response:
    """GET /docs: Swagger UI over our document, nothing from outside."""
    return answers.page(PAGES.get_template("docs.html").render(language=exchange.language), DOCS_CSP)


def docs_file(exchange: Exchange) -> Response:
    """GET /docs/{file}: one of the files that the pages name; no others exist."""
    name = exchange.path["file"]
    if name not in SWAGGER + OURS:
        raise Declined(404, "resource.unknown", "there is no such file")
    answer = Response(_file(name), mimetype=guess_type(name)[0] or "application/octet-stream")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@cache
def _file(name: str) -> bytes:
    # Looked up, not imported: the package would bring all of Flask with it for the sake of four files.
    package, folder = ("flask_swagger_ui", "dist") if name in SWAGGER else ("gateway", "templates")
    found = find_spec(package)
    assert found and found.origin
    return (Path(found.origin).parent / folder / name).read_bytes()


def entry(exchange: Exchange) -> Response:
    """GET /v1/registers/{class}/{entry}/print: one entry on paper, as far as its reader may see it."""
    found = exchange.call(arguments(exchange), "records.entry")
    told = {"language": exchange.language, "entry": found}
    return answers.page(PAGES.get_template("entry.html").render(**told))


def certificate(exchange: Exchange) -> Response:
    """GET /v1/certificates/{id}: JSON, or a page to print for whoever prefers text/html."""
    found = exchange.call(arguments(exchange), "retention.certificate")
    offers = ("application/json", "text/html")
    if exchange.request.accept_mimetypes.best_match(offers, offers[0]) == offers[0]:
        return answers.json(found)
    told = {"language": exchange.language, "certificate": found, "telling": Telling(exchange.language[:2])}
    return answers.page(PAGES.get_template("certificate.html").render(**told))
