"""Have jsonschema check internationalised addresses only where one comes.

What it checks them with takes a second to import, and no notebook has any. To be imported before jsonschema:
by `execute`, and by pytest, before nbval.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace

_IRIS = "rfc3987_syntax"

if _IRIS not in sys.modules and find_spec(_IRIS):
    _later = SimpleNamespace(is_valid_syntax=lambda *given: import_module(_IRIS).is_valid_syntax(*given))
    sys.modules[_IRIS] = _later  # type: ignore[assignment]  # until jsonschema has taken that from it
    import_module("jsonschema")
    del sys.modules[_IRIS]
