"""What does the public get to see? One file that needs nothing else, ever.

Leaflet, style, script and data are all inside, and the page's own security policy lets
nothing else in: scripts and styles run only if their SHA-256 is named in it, and every
connection is refused. Names from the inputs travel as JSON and reach the page as text
nodes, so that a name can be shown but never run. The same study gives the same bytes in
the same language.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from carecircle.coverage.result import StudyResult
from carecircle.layers.problems import Language
from carecircle.maps.encoding import json_text
from carecircle.maps.leaks import leaks_in_tree, masked, masked_tree
from carecircle.maps.public import public_map, public_summary
from carecircle.maps.public_plans import public_plans
from carecircle.maps.text import plain_text

HERE = Path(__file__).parent
HTML_LANGUAGES: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}

# One subject a file; each is written into the page after those it builds on.
STYLES = (
    "page.css",
    "page-tryout.css",
    "page-comments.css",
    "page-plans.css",
    "page-map.css",
    "page-phone.css",
    "page-print.css",
)
SCRIPTS = (
    "page-words.js",
    "page-nodes.js",
    "page-walk.js",
    "page-figures.js",
    "page-sites.js",
    "page-ways.js",
    "page-plans.js",
    "page-shapes.js",
    "page-scenario.js",
    "page-find.js",
    "page-tryout.js",
    "page-comments.js",
    "page-map.js",
    "page-print.js",
    "page.js",
)

# The escape of a CJK unified ideograph, U+4E00 to U+9FFF; before it no odd number of backslashes.
ESCAPED = re.compile(r"((?<!\\)(?:\\\\)*)\\u(4[ef][0-9a-f]{2}|[5-9][0-9a-f]{3})")
DATA_BLOCK = re.compile(
    r'<script type="application/json" id="data" data-sha256="([0-9a-f]{64})">(.*?)</script>',
    re.DOTALL,
)


def page_html(study: StudyResult, summary: Mapping[str, Any], lang: Language = "zh") -> str:
    """The public page as one HTML text.

    Parameters
    ----------
    study : StudyResult
        The shapes; only the columns named in `carecircle.maps.public` are read.
    summary : mapping
        The figures, as ``summary.json`` holds them.
    lang : ``zh`` or ``en``
        The language the page opens in; both are inside.
    """
    figures = {**public_summary(summary), "plans": public_plans(summary["plans"])}
    shapes = public_map(study, cells=figures["study"]["cells"])
    data = script_json(masked_tree({"lang": lang, "summary": figures, "map": shapes}))
    styles = {"leaflet_css": leaflet_css(), "page_css": page_css()}
    scripts = {"leaflet_js": leaflet_js(), "page_js": page_js()}
    templates = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined
    )
    return templates.get_template("page.html").render(
        html_lang=HTML_LANGUAGES[lang],
        title=masked(plain_text(summary["study"]["name"])),
        policy=security_policy(scripts.values(), styles.values()),
        data=Markup(data),
        data_sha256=sha256_hex(data),
        **{name: Markup(text) for name, text in (styles | scripts).items()},
    )


def embedded_data_is_whole(html: str) -> bool:
    """Whether the data block of a page hashes to what the page says of it."""
    found = DATA_BLOCK.search(html)
    complete = html.rstrip().endswith("</html>")
    return found is not None and complete and sha256_hex(found[2]) == found[1]


def leaks_of_page(html: str) -> list[str]:
    """Numbers of persons in the data within a page."""
    found = DATA_BLOCK.search(html)
    return [] if found is None else leaks_in_tree(json.loads(found[2]))


def script_json(value: Any) -> str:
    """JSON that can stand inside a script element: it holds no ``<``, ``>`` or ``&``.

    All other than ASCII is escaped too, U+2028 and U+2029 among it, but for common Chinese
    characters: a name needs half the room as itself.
    """
    text = json_text(value)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return ESCAPED.sub(lambda found: found[1] + chr(int(found[2], 16)), text)


def security_policy(scripts: Any, styles: Any) -> str:
    """A Content-Security-Policy that lets in these scripts and styles alone."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(source_hash(text) for text in scripts),
            "style-src " + " ".join(source_hash(text) for text in styles),
            "img-src data:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def source_hash(text: str) -> str:
    """The hash source of an inline script or style (CSP level 3)."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def sha256_hex(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def page_js() -> str:
    """Our scripts as one, in a closure of their own."""
    return '"use strict";\n(() => {\n' + "\n".join(map(source, SCRIPTS)) + "})();\n"


def page_css() -> str:
    """Our styles as one."""
    return "\n".join(map(source, STYLES))


def leaflet_js() -> str:
    """Leaflet with its licence, and without the address of its source map."""
    code = source("vendor/leaflet/leaflet.js")
    code = re.sub(r"^//# sourceMappingURL=.*$", "", code, flags=re.MULTILINE)
    return f"/*\n{source('vendor/leaflet/LICENSE')}*/\n{code}"


def leaflet_css() -> str:
    """Leaflet's style without its images: the page shows none of them."""
    return re.sub(r"url\(images/[^)]*\)", "none", source("vendor/leaflet/leaflet.css"))


def source(name: str) -> str:
    """A file of this folder, with line ends as HTML parsers see them."""
    return (HERE / name).read_text(encoding="utf-8")
