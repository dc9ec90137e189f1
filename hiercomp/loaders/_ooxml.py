"""Office Open XML packages: their parts, the relations between them, and what the loaders leave out of them.

python-docx and python-pptx refuse strict Open XML and a file with one damaged part, so the parts are read directly.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, fromstring

from hiercomp.loaders._blocks import TextBuilder

_OFFICE = "http://schemas.openxmlformats.org/"
_MICROSOFT = "http://schemas.microsoft.com/office/"
NAMESPACES = {
    "a": f"{_OFFICE}drawingml/2006/main",
    "c": f"{_OFFICE}drawingml/2006/chart",
    "cp": f"{_OFFICE}package/2006/metadata/core-properties",
    "cx": f"{_MICROSOFT}drawing/2014/chartex",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dgm": f"{_OFFICE}drawingml/2006/diagram",
    "m": f"{_OFFICE}officeDocument/2006/math",
    "mc": f"{_OFFICE}markup-compatibility/2006",
    "o": "urn:schemas-microsoft-com:office:office",
    "p": f"{_OFFICE}presentationml/2006/main",
    "p188": f"{_MICROSOFT}powerpoint/2018/8/main",
    "pic": f"{_OFFICE}drawingml/2006/picture",
    "r": f"{_OFFICE}officeDocument/2006/relationships",
    "v": "urn:schemas-microsoft-com:vml",
    "w": f"{_OFFICE}wordprocessingml/2006/main",
    "w14": f"{_MICROSOFT}word/2010/wordml",
    "wp": f"{_OFFICE}drawingml/2006/wordprocessingDrawing",
}
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}
# Strict Open XML has the same elements in other namespaces.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DAMAGE = (ValueError, LookupError, OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)
# The counted noun of a kind such as "run of hidden text".
_NOUN = re.compile(r"^(.*?)(?= of | in | inserted |$)")
_LISTED_PLACES = 10
# A picture's description that says nothing: the name of its file.
_FILE_NAME = re.compile(r"\S+\.(?:bmp|emf|gif|jpe?g|png|svg|tiff?|webp|wmf)", re.IGNORECASE)
_GENERATED = re.compile(r"\s*(?:AI-generated content may be incorrect|Description automatically generated.*)\.?$")


@cache
def full(name: str) -> str:
    """Return the full name of an element or attribute, such as "w:p"."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


@cache
def short(tag: str) -> str:
    """Return the name of an element with its usual prefix. An unknown namespace has the prefix "?"."""
    uri, _, local = tag.removeprefix("{").rpartition("}")
    return f"{_PREFIXES.get(uri, '?')}:{local}"


def find(element: Element | None, path: str) -> Element | None:
    """Return the first element at a path of names such as "w:pPr/w:numPr", or None."""
    for name in _full_names(path):
        if element is None:
            return None
        element = element.find(name)
    return element


@cache
def _full_names(path: str) -> tuple[str, ...]:
    return tuple(full(name) for name in path.split("/"))


def value(element: Element | None, path: str, attribute: str = "val") -> str | None:
    """Return an attribute of the first element at a path, or None. "val" has the prefix of the element."""
    found = find(element, path)
    if found is None:
        return None
    prefixed = found.tag.partition("}")[0] + "}" + attribute
    return found.get(prefixed, found.get(attribute))


def is_on(element: Element | None) -> bool:
    """Return whether an element that switches something on is there and is not set to "off"."""
    if element is None:
        return False
    return element.get(element.tag.partition("}")[0] + "}val", element.get("val", "1")) not in ("0", "false", "off")


def number(text: str | None, default: int = 0) -> int:
    """Return an attribute as an integer, or the default if it is none."""
    return int(text) if text is not None and re.fullmatch(r"[+-]?\d{1,18}", text) else default


def description(properties: Element | None) -> str:
    """Return the description of a picture that its author wrote, or ""."""
    text = "" if properties is None else properties.get("descr") or properties.get("title") or ""
    text = _GENERATED.sub("", " ".join(text.split()))
    return "" if _FILE_NAME.fullmatch(text) else text


class Relation(NamedTuple):
    """A relation from one part to another: its kind, such as "footnotes", and the name of the other part."""

    kind: str
    target: str


class Package:
    """The parts of a file.

    Attributes:
        damaged: the names of the parts that could not be read.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}
        self._relations: dict[str, dict[str, Relation]] = {}
        self.damaged: dict[str, str] = {}

    def part(self, name: str) -> Element | None:
        """Return the root of a part. None says that it is missing or damaged; `damaged` then has its name."""
        try:
            content = self._read(name)
            root = fromstring(_STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content))
        except ParseError as error:
            self.damaged[name] = str(error)
        except _DAMAGE as error:
            self.damaged[name] = " ".join(f"{error}".split())
        else:
            if b"AlternateContent" in content:
                _choose_alternatives(root)
            return root
        return None

    def relations(self, name: str) -> dict[str, Relation]:
        """Return the relations of a part by their identifiers. The file itself is the part ""."""
        if name not in self._relations:
            folder, base = posixpath.split(name)
            path = posixpath.join(folder, "_rels", f"{base}.rels")
            root = self.part(path) if path.lower() in self._names else None
            self._relations[name] = {
                relation.get("Id", ""): _relation(relation, folder)
                for relation in (root.iter(_RELATION) if root is not None else ())
                if relation.get("TargetMode") != "External"
            }
        return self._relations[name]

    def related(self, name: str, kind: str) -> Iterator[Element]:
        """Yield the roots of the parts to which a part has relations of a kind."""
        for target in self.targets(name, kind):
            root = self.part(target)
            if root is not None:
                yield root

    def targets(self, name: str, kind: str) -> list[str]:
        """Return the names of the parts to which a part has relations of a kind."""
        return [relation.target for relation in self.relations(name).values() if relation.kind == kind]

    def title(self) -> str:
        """Return the title in the properties of the file, or ""."""
        titles = (root.findtext("dc:title", "", NAMESPACES) for root in self.related("", "core-properties"))
        return " ".join(next(titles, "").split())

    def main(self, default: str) -> str:
        """Return the name of the part that holds the document itself."""
        return next(iter(self.targets("", "officeDocument")), default)

    def _read(self, name: str) -> bytes:
        if name.lower() not in self._names:
            raise FileNotFoundError("it is missing")
        return self._archive.read(self._names[name.lower()])


class Omissions:
    """Counts what is left out, and notes it in a builder, one line for each kind."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._places: dict[tuple[str, str], dict[int, None]] = {}

    def add(self, kind: str, *, reason: str = "", slide: int | None = None) -> None:
        """Count one thing of a kind, such as "chart" or "run of hidden text"."""
        self._counts[kind, reason] += 1
        if slide is not None:
            self._places.setdefault((kind, reason), {})[slide] = None

    def report(self, builder: TextBuilder, package: Package) -> None:
        """Note what was counted, and the damaged parts of the package."""
        for (kind, reason), count in self._counts.items():
            counted = kind if count == 1 else _NOUN.sub(r"\1s", kind, count=1)
            words = f"{count} {counted} {self._place((kind, reason))}".rstrip()
            builder.omit(f"{words} ({reason})" if reason else words)
        for name, reason in package.damaged.items():
            builder.omit(f"the damaged part {name} ({reason})")

    def _place(self, key: tuple[str, str]) -> str:
        slides = list(self._places.get(key, ()))
        listed = ", ".join(map(str, slides[:_LISTED_PLACES])) + (", …" if len(slides) > _LISTED_PLACES else "")
        return f"of slide{'' if len(slides) == 1 else 's'} {listed}" if slides else ""


def _relation(element: Element, folder: str) -> Relation:
    target = unquote(element.get("Target", ""))
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    return Relation(element.get("Type", "").rpartition("/")[2], path)


def _choose_alternatives(root: Element) -> None:
    """Replace each set of alternatives by its first choice, or by its fallback for old programs if it has no choice."""
    alternatives = full("mc:AlternateContent")
    for parent in root.iter():
        if parent.find(alternatives) is not None:
            parent[:] = list(_chosen(parent, alternatives))


def _chosen(parent: Element, alternatives: str) -> Iterator[Element]:
    for child in parent:
        if child.tag == alternatives:
            options = [option for option in child if len(option)]
            choice = next((option for option in options if option.tag == full("mc:Choice")), None)
            yield from _chosen(choice if choice is not None else options[0], alternatives) if options else ()
        else:
            yield child
