"""RAPTOR's collapsed tree (Sarthi et al., 2024, arXiv 2401.18059), an adapter of our own on the published algorithm.

Chunks of whole sentences are clustered, each cluster is summarized, and the summaries are clustered again, until they
are too few. Clusters are found twice, in a wide view of all vectors and in a close view of each wide cluster: UMAP to
ten dimensions, then Gaussian mixtures, as many as the Bayesian information criterion wants; a node may be in several.
A question ranks leaves and summaries alike. Parent and child may both be paid for, as published.

Summaries are extractive, so that no language model is needed. The authors let one write them, and divide a cluster of
more than its 3,500 tokens; here the largest clusters of a filing of 90,000 tokens have 14 leaves. The pack of
LlamaIndex with this algorithm (`llama-index-packs-raptor`) cannot be installed beside the other peers: it pins numpy
below 2.3 and an older OpenAI client.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import cast

import numpy as np
from numpy.typing import NDArray

from eval.methods._filling import Unit, fill
from eval.ports import Index, Method, Parts, Select, Unavailable
from eval.types import Question
from hiercomp import registry
from hiercomp.ports import Compressor, Tokenizer, Vectors
from hiercomp.text.chunking import units
from hiercomp.types import Document, Span

NAMES = ("raptor",)

LEAF_TOKENS = 100
"""Tokens of a leaf; a sentence that is longer is a leaf of its own."""
SUMMARY_TOKENS = 130
"""The most tokens of a summary: about what the authors' have on average."""
DIMENSIONS = 10
"""What vectors are reduced to; one node more is too few to be clustered."""
NEIGHBOURS = 10
"""Neighbours of a vector in the close view; in the wide view the square root of their number."""
MOST_CLUSTERS = 50
MEMBERSHIP = 0.1
"""The probability above which a node belongs to a cluster."""
LAYERS = 5
"""The most layers of summaries."""
SUMMARIZER = "extractive"
PACKAGES = ("umap-learn", "scikit-learn")

_Points = NDArray[np.float64]
_Members = NDArray[np.intp]
"""Rows of a matrix, rising."""


def build(name: str, parts: Parts) -> Method:
    """The method.

    Raises:
        Unavailable: umap-learn or scikit-learn is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
            for module in ("sklearn", "umap"):
                import_module(module)
    except ImportError as error:
        raise Unavailable(f"{error.name} is not installed: pip install 'hiercomp[eval]'") from error
    summarizer = cast("Compressor", registry.build("compressors", SUMMARIZER, tokenizer=parts.tokenizer))
    return _Raptor(parts, summarizer)


@dataclass(frozen=True, slots=True)
class _Raptor:
    """The building of trees."""

    parts: Parts
    summarizer: Compressor
    budgeted: bool = True

    @property
    def settings(self) -> dict[str, object]:
        """Versions and parameters."""
        return {
            **{package: version(package) for package in PACKAGES},
            "encoder": self.parts.encoder.name,
            "summarizer": SUMMARIZER,
            "leaf_tokens": LEAF_TOKENS,
            "summary_tokens": SUMMARY_TOKENS,
            "dimensions": DIMENSIONS,
            "neighbours": NEIGHBOURS,
            "most_clusters": MOST_CLUSTERS,
            "membership": MEMBERSHIP,
            "layers": LAYERS,
            "seed": self.parts.seed,
        }

    def index(self, document: Document) -> Index:
        """The tree of a document, collapsed: the nodes of all its layers."""
        tree = [self._embedded(_leaves(document, self.parts.tokenizer))]
        while len(tree) <= LAYERS and len(tree[-1].units) > DIMENSIONS + 1:
            tree.append(self._embedded(self._summaries(tree[-1])))
        return _CollapsedTree(tree, self.parts)

    def _embedded(self, nodes: Iterable[Unit]) -> _Layer:
        units = tuple(nodes)
        return _Layer(units, self.parts.encoder.encode_passages([unit.text for unit in units]))

    def _summaries(self, layer: _Layer) -> Iterator[Unit]:
        """The layer above: a summary of each cluster, at the place of its first leaf."""
        for members in _clusters(layer.vectors, self.parts.seed):
            children = [layer.units[member] for member in members]
            text = "\n".join(child.text for child in children)
            [summary] = self.summarizer.compress([text], SUMMARY_TOKENS)
            if summary:  # nothing is left of a cluster whose every sentence is longer than a summary may be
                yield Unit(summary, min(child.position for child in children))


@dataclass(frozen=True, slots=True)
class _Layer:
    """Nodes of one height, and their vectors."""

    units: tuple[Unit, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class _CollapsedTree:
    """All nodes of a tree, side by side."""

    layers: Sequence[_Layer]
    parts: Parts

    def find(self, question: Question) -> Select:
        """All nodes by similarity, leaves before summaries that are as similar."""
        vectors = np.concatenate([layer.vectors for layer in self.layers])
        nodes = [unit for layer in self.layers for unit in layer.units]
        order = np.argsort(-(vectors @ self.parts.encoder.encode_query(question.text)), kind="stable")
        ranked = [nodes[place] for place in order]
        return lambda budget: fill(ranked, budget, self.parts.tokenizer)


def _leaves(document: Document, tokenizer: Tokenizer) -> Iterator[Unit]:
    """Sentences that follow each other, as many as a leaf holds."""
    leaf: Span | None = None
    for sentence in units(document):
        longer = Span(leaf.start if leaf else sentence.start, sentence.end)
        if leaf and tokenizer.count(longer.of(document.text)) > LEAF_TOKENS:
            yield Unit(leaf.of(document.text), leaf.start)
            longer = sentence
        leaf = longer
    if leaf:
        yield Unit(leaf.of(document.text), leaf.start)


def _clusters(vectors: Vectors, seed: int) -> Iterator[_Members]:
    """Clusters of vectors: those of the wide view, each divided in a view of its own."""
    for wide in _mixtures(_reduced(vectors, int((len(vectors) - 1) ** 0.5), seed), seed):
        if len(wide) <= DIMENSIONS + 1:
            yield wide
        else:
            yield from (wide[rows] for rows in _mixtures(_reduced(vectors[wide], NEIGHBOURS, seed), seed))


def _reduced(vectors: Vectors, neighbours: int, seed: int) -> _Points:
    """Vectors in few dimensions, neighbours kept."""
    from umap import UMAP

    reducer = UMAP(n_neighbors=neighbours, n_components=DIMENSIONS, metric="cosine", random_state=seed, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on graphs in several parts, which it handles
        return np.asarray(reducer.fit_transform(vectors), dtype=np.float64)


def _mixtures(points: _Points, seed: int) -> list[_Members]:
    """The members of each Gaussian mixture, as many mixtures as fit the points best for their number."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits

    numbers = range(1, min(MOST_CLUSTERS, len(points)))
    with warnings.catch_warnings(), threadpool_limits(1):  # threads make these small fits many times slower
        warnings.simplefilter("ignore", ConvergenceWarning)  # points that are the same fill fewer clusters
        fits = [GaussianMixture(number, random_state=seed).fit(points) for number in numbers]
        probabilities = min(fits, key=lambda fit: fit.bic(points)).predict_proba(points)
    found = [np.flatnonzero(column > MEMBERSHIP) for column in probabilities.T]
    return [members for members in found if len(members)]
