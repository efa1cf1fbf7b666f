"""What a user can mend: one base class, and whom the message is about."""


class InputError(ValueError):
    """Input that cannot be used; the message names the file, row, column or parameter."""


class DataError(InputError):
    """A data file that cannot be used; the message names the file, row and column."""


class ScenarioError(InputError):
    """A scenario, an assumption or an override that cannot be used; the message names it."""


class ParameterError(InputError):
    """A parameter or an argument that cannot be used; the message names it."""


class CollectError(InputError):
    """Results of a sweep that fit into no common table; the message names the run."""
