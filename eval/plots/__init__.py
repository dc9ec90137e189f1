"""The pictures of a report, as PNG bytes that are the same for the same numbers."""

from eval.plots.calibration import calibration
from eval.plots.curves import mean_curves, set_curves
from eval.plots.points import reasoning, time_and_area

__all__ = ["calibration", "mean_curves", "reasoning", "set_curves", "time_and_area"]
