"""The common style of all pictures, and their conversion to PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.summary.comparison import SUBJECT
from eval.summary.curves import Curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIGHLIGHTED = 6
"""The most methods with a colour. Readers cannot distinguish more colours."""
# The palette of Okabe and Ito, which colour-blind readers can distinguish. The strongest colour is the subject's.
SUBJECT_COLOUR = "#D55E00"
COLOURS = ("#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A51A3")
MARKERS = ("s", "^", "D", "v", "P", "X")
OTHER, NOTE, REFERENCE, INK, GRID = "#C4C4C4", "#777777", "#333333", "#333333", "#E6E6E6"
STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.edgecolor": "#999999",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.solid_capstyle": "round",
    "figure.constrained_layout.use": True,
}
WIDTH, RESOLUTION = 9.0, 200
"""The width in inches and the resolution in pixels per inch. At this size the letters match the text of a page."""


@dataclass(frozen=True, slots=True)
class Look:
    """The style in which a method is drawn."""

    colour: str
    marker: str
    width: float = 1.6
    order: int = 3


def looks(curves: Curves, sampled: Sequence[str] = ()) -> dict[str, Look]:
    """Choose the methods with a colour: the subject, the best of the others, and those in `sampled`."""
    others = [name for name in curves.names if name != SUBJECT and name not in sampled]
    places = HIGHLIGHTED - (SUBJECT in curves.names)
    chosen_samples = sampled[: places - 1]
    chosen = [*others[: places - len(chosen_samples)], *chosen_samples]
    found = {SUBJECT: Look(SUBJECT_COLOUR, "o", 2.6, 5)} if SUBJECT in curves.names else {}
    return found | {name: Look(*style) for name, style in zip(chosen, zip(COLOURS, MARKERS, strict=True), strict=False)}


@contextmanager
def figure_of(width: float, height: float) -> Iterator[Figure]:
    """Provide an empty figure in this style, independent of the user's own settings."""
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context(["default", STYLE]):
        yield Figure(figsize=(width, height))


def png(figure: Figure) -> bytes:
    """Convert a figure to a PNG of 256 colours, to save space, without the date and versions, which would change."""
    from PIL import Image

    drawn, file = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=RESOLUTION, pil_kwargs={"compress_level": 0})
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()
