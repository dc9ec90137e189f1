"""RAPTOR's collapsed tree: an own implementation of the published algorithm.

Chunks of whole sentences are clustered, and each cluster is summarized. The summaries are clustered again until too few
remain. Clusters are found twice: in a wide view of all vectors, and in a close view of each wide cluster. UMAP reduces
the vectors to ten dimensions. Gaussian mixtures then form the clusters; the Bayesian information criterion chooses
their number. A node may be in several clusters. A question ranks leaves and summaries together. The context may contain
both a parent and its child, as published.

Summaries are extractive, so no language model is needed. The authors let a model write them and divide clusters of more
than its 3,500 tokens. Here the largest clusters of a filing of 90,000 tokens have 14 leaves. LlamaIndex's pack of this
algorithm (`llama-index-packs-raptor`) cannot be installed with the other peers: it requires numpy below 2.3 and an
older OpenAI client.

Source: Sarthi et al., 2024 (arXiv 2401.18059).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from eval.methods._filling import Unit, fill
from eval.ports import Index, Method, Parts, Select, Unavailable
from eval.types import Question
from hiercomp.compressors import extractive
from hiercomp.ports import Compressor, Tokenizer, Vectors
from hiercomp.text.chunking import units
from hiercomp.types import Document, Span

NAMES = ("raptor",)

LEAF_TOKENS = 100
"""Tokens of a leaf. A longer sentence is a leaf of its own."""
SUMMARY_TOKENS = 130
"""The most tokens of a summary: about the average of the authors' summaries."""
DIMENSIONS = 10
"""Dimensions of the reduced vectors. With at most one node more than this, nodes are not clustered."""
NEIGHBOURS = 10
"""Neighbours of a vector in the close view. The wide view uses the square root of the number of vectors."""
MOST_CLUSTERS = 50
MEMBERSHIP = 0.1
"""The probability above which a node belongs to a cluster."""
LAYERS = 5
"""The most layers of summaries."""
SUMMARIZER = "extractive"
PACKAGES = ("umap-learn", "scikit-learn")

_Points = NDArray[np.float64]
_Members = NDArray[np.intp]
"""Sorted row indices of a matrix."""


def build(name: str, parts: Parts) -> Method:
    """Build the method.

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
    return _Raptor(parts, extractive.build(tokenizer=parts.tokenizer))


@dataclass(frozen=True, slots=True)
class _Raptor:
    """Builds trees."""

    parts: Parts
    summarizer: Compressor
    budgeted: bool = True

    @property
    def settings(self) -> dict[str, object]:
        """The versions and the parameters."""
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
        """Build the collapsed tree of a document: the nodes of all its layers."""
        tree = [self._embedded(_leaves(document, self.parts.tokenizer))]
        while len(tree) <= LAYERS and len(tree[-1].units) > DIMENSIONS + 1:
            tree.append(self._embedded(self._summaries(tree[-1])))
        return _CollapsedTree(tree, self.parts)

    def _embedded(self, nodes: Iterable[Unit]) -> _Layer:
        units = tuple(nodes)
        encoded = self.parts.encoder.encode_passages([unit.text for unit in units])
        vectors = np.array([tokens.vector for tokens in encoded], dtype=np.float32)
        return _Layer(units, vectors.reshape(len(units), self.parts.encoder.dimension))

    def _summaries(self, layer: _Layer) -> Iterator[Unit]:
        """Yield the next layer: a summary of each cluster, at the position of its first leaf."""
        for members in _clusters(layer.vectors, self.parts.seed):
            children = [layer.units[member] for member in members]
            text = "\n".join(child.text for child in children)
            [summary] = self.summarizer.compress([text], SUMMARY_TOKENS)
            if summary:  # The summary is empty if every sentence of the cluster is longer than a summary may be.
                yield Unit(summary, min(child.position for child in children))


@dataclass(frozen=True, slots=True)
class _Layer:
    """Nodes of one layer and their vectors."""

    units: tuple[Unit, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class _CollapsedTree:
    """The nodes of all layers of a tree."""

    layers: Sequence[_Layer]
    parts: Parts

    def find(self, question: Question) -> Select:
        """Rank all nodes by similarity. Of equally similar nodes, leaves come before summaries."""
        vectors = np.concatenate([layer.vectors for layer in self.layers])
        nodes = [unit for layer in self.layers for unit in layer.units]
        query = self.parts.encoder.encode_query(question.query).vector
        order = np.argsort(-(vectors @ query), kind="stable")
        ranked = [nodes[place] for place in order]
        return lambda budget: fill(ranked, budget, self.parts.tokenizer)


def _leaves(document: Document, tokenizer: Tokenizer) -> Iterator[Unit]:
    """Yield leaves: as many adjacent sentences as a leaf holds."""
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
    """Yield clusters of vectors: those of the wide view, each divided in its own close view."""
    for wide in _mixtures(_reduced(vectors, int((len(vectors) - 1) ** 0.5), seed), seed):
        if len(wide) <= DIMENSIONS + 1:
            yield wide
        else:
            yield from (wide[rows] for rows in _mixtures(_reduced(vectors[wide], NEIGHBOURS, seed), seed))


def _reduced(vectors: Vectors, neighbours: int, seed: int) -> _Points:
    """Reduce vectors to `DIMENSIONS` and preserve neighbours."""
    from umap import UMAP

    reducer = UMAP(n_neighbors=neighbours, n_components=DIMENSIONS, metric="cosine", random_state=seed, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # UMAP warns of disconnected graphs, which it handles.
        return np.asarray(reducer.fit_transform(vectors), dtype=np.float64)


def _mixtures(points: _Points, seed: int) -> list[_Members]:
    """Return the members of each Gaussian mixture. The information criterion chooses the number of mixtures."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits

    numbers = range(1, min(MOST_CLUSTERS, len(points)))
    with warnings.catch_warnings(), threadpool_limits(1):  # Threads make these small fits many times slower.
        warnings.simplefilter("ignore", ConvergenceWarning)  # Identical points fill fewer clusters.
        fits = [GaussianMixture(number, random_state=seed).fit(points) for number in numbers]
        probabilities = min(fits, key=lambda fit: fit.bic(points)).predict_proba(points)
    found = [np.flatnonzero(column > MEMBERSHIP) for column in probabilities.T]
    return [members for members in found if len(members)]
