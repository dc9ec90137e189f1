"""Small files of Office Open XML, written part by part."""

from __future__ import annotations

import zipfile
from pathlib import Path

_OFFICE = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
_PREFIXES = {
    "w": f"{_OFFICE}/wordprocessingml/2006/main",
    "m": f"{_OFFICE}/officeDocument/2006/math",
    "r": f"{_OFFICE}/officeDocument/2006/relationships",
    "a": f"{_OFFICE}/drawingml/2006/main",
    "c": f"{_OFFICE}/drawingml/2006/chart",
    "cx": "http://schemas.microsoft.com/office/drawing/2014/chartex",
    "dgm": f"{_OFFICE}/drawingml/2006/diagram",
    "p": f"{_OFFICE}/presentationml/2006/main",
    "p188": "http://schemas.microsoft.com/office/powerpoint/2018/8/main",
    "pic": f"{_OFFICE}/drawingml/2006/picture",
    "wp": f"{_OFFICE}/drawingml/2006/wordprocessingDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": f"{_OFFICE}/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "a14": "http://schemas.microsoft.com/office/drawing/2010/main",
}
_NAMESPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _PREFIXES.items())


def element(name: str, content: str, attributes: str = "") -> str:
    """Return a root element that declares all namespaces."""
    return f"<{name} {_NAMESPACES} {attributes}>{content}</{name}>"


def relations(*entries: tuple[str, str, str]) -> str:
    """Return a part of relations. Each entry is an identifier, a kind and a target."""
    lines = "".join(
        f'<Relationship Id="{key}" Type="{_PREFIXES["r"]}/{kind}" Target="{target}"/>' for key, kind, target in entries
    )
    return f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">{lines}</Relationships>'


def write_docx(
    path: Path, body: str, *, strict: bool = False, links: tuple[tuple[str, str, str], ...] = (), **parts: str
) -> Path:
    """Write a DOCX file.

    Args:
        path: where to write it.
        body: the content of its body.
        strict: whether to write strict Open XML.
        links: the relations of the document to other parts than those below.
        parts: more parts by their names in the folder "word" without ".xml". The name tells the kind of the relation.
            Their relations have the identifiers "p0", "p1" and so on.
    """
    files = {
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
        "word/document.xml": element("w:document", f"<w:body>{body}</w:body>"),
    }
    own = [(f"p{place}", name.rstrip("0123456789"), f"{name}.xml") for place, name in enumerate(parts)]
    files["word/_rels/document.xml.rels"] = relations(*own, *links)
    files |= {f"word/{name}.xml": content for name, content in parts.items()}
    return _write(path, files, strict=strict)


def write_pptx(
    path: Path, *slides: str, links: tuple[tuple[str, str, str], ...] = (), strict: bool = False, **parts: str
) -> Path:
    """Write a PPTX file.

    Args:
        path: where to write it.
        slides: the shapes of each slide, or the whole slide if it begins with "<p:sld ".
        links: the relations of each slide.
        strict: whether to write strict Open XML.
        parts: more parts by their names in the folder "ppt". Those of XML are named without ".xml".
    """
    numbers = range(1, len(slides) + 1)
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="s{number}"/>' for number in numbers)
    files = {
        "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": element("p:presentation", f"<p:sldIdLst>{ids}</p:sldIdLst>"),
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"s{number}", "slide", f"slides/slide{number}.xml") for number in numbers),
            *((name, name, f"{name}.xml") for name in parts if name.endswith(("uthors", "Authors"))),
        ),
    }
    for number, slide in zip(numbers, slides, strict=True):
        whole = slide if slide.startswith("<p:sld ") else deck_slide(slide)
        files[f"ppt/slides/slide{number}.xml"] = whole
        files[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(*links)
    files |= {f"ppt/{name}" if name.endswith(".rels") else f"ppt/{name}.xml": text for name, text in parts.items()}
    return _write(path, files, strict=strict)


def deck_slide(shapes: str, attributes: str = "") -> str:
    """Return a slide with these shapes."""
    return element("p:sld", f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>", attributes)


def _write(path: Path, files: dict[str, str], *, strict: bool) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            text = content
            if strict:
                for kind in ("wordprocessingml", "officeDocument", "drawingml", "presentationml"):
                    text = text.replace(f"{_OFFICE}/{kind}/2006/", f"{_STRICT}/{kind}/")
            archive.writestr(name, text)
    return path
