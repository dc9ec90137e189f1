"""Convert Markdown to one self-contained HTML file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #636c76; --paper: #fff; --line: #d8dee4; --band: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --line: #3d444d; --band: #151b23; }
}
body { color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; max-width: 72rem;
  margin: 0 auto; padding: 1.5rem; }
p, ul, pre, img { max-width: 62rem; }
h1, h2, h3 { line-height: 1.25; margin: 2.2em 0 .6em; }
h1 { margin-top: .5em; }
h2 { border-bottom: 1px solid var(--line); padding-bottom: .3em; }
img { width: 100%; display: block; background: #fff; border-radius: 6px; padding: 6px; box-sizing: border-box; }
.wide { overflow-x: auto; margin: 1em 0; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.35; font-variant-numeric: tabular-nums; }
th, td { padding: .35em .6em; border-bottom: 1px solid var(--line); vertical-align: top; }
th { vertical-align: bottom; color: var(--soft); font-weight: 600; }
td { white-space: nowrap; }
td:not(:first-child)[style="text-align:left"] { white-space: normal; }
td:first-child, th:first-child { position: sticky; left: 0; background: var(--paper); }
tbody tr:hover td { background: var(--band); }
pre { background: var(--band); padding: .8em 1em; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: 6px;
  font-size: 13px; }
"""


def page(title: str, text: str, pictures: Mapping[str, bytes]) -> str:
    """Return the HTML of a Markdown text with its pictures embedded."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for token in (child for block in tokens for child in block.children or []):
        if token.type == "image":
            picture = pictures[str(token.attrs["src"])]
            token.attrs["src"] = f"data:image/png;base64,{b64encode(picture).decode('ascii')}"
    body = parser.renderer.render(tokens, parser.options, {})
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
