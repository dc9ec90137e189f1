"""The exceptions of hiercomp, with the exit codes of the command line.

    HiercompError             exit 1
    ├── ConfigError           exit 2   a setting, a name or an argument is wrong
    ├── MissingExtraError     exit 2   an optional package is needed; the message says how to install it
    ├── DocumentError         exit 3   an input cannot be read, or holds no text
    ├── BudgetError           exit 4   the budget is too small; `.least` is the least that works
    └── ModelError            exit 5   a model could not be loaded, or did not answer
        └── TransientModelError        another attempt may succeed; only this error is retried

A message names the problem, the value and the remedy.
"""


class HiercompError(Exception):
    """The root of all errors of this package."""

    exit_code = 1


class ConfigError(HiercompError):
    """A setting, a component's name or an argument is wrong."""

    exit_code = 2


class MissingExtraError(HiercompError):
    """An optional package is not installed."""

    exit_code = 2

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the extra {extra!r}: pip install 'hiercomp[{extra}]'")
        self.extra = extra


class DocumentError(HiercompError):
    """An input cannot be read, or holds no text."""

    exit_code = 3


class BudgetError(HiercompError):
    """The budget is too small for the smallest possible call. `least` is the smallest budget that works."""

    exit_code = 4

    def __init__(self, budget: int, least: int, reason: str) -> None:
        super().__init__(f"a budget of {budget} tokens is too small: {reason}; the least that works is {least}")
        self.budget = budget
        self.least = least


class ModelError(HiercompError):
    """A model could not be loaded, or did not answer."""

    exit_code = 5


class TransientModelError(ModelError):
    """A model did not answer, but another attempt may succeed."""
