"""Draw the pictures of a report as PNG bytes. The same numbers give the same bytes."""

from eval.plots.calibration import calibration
from eval.plots.curves import mean_curves, set_curves
from eval.plots.points import reasoning, time_and_area

__all__ = ["calibration", "mean_curves", "reasoning", "set_curves", "time_and_area"]
