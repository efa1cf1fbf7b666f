"""Reading YAML files of others as plain data, with one message for whatever is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from analysis import paths
from analysis.assumption import ScenarioError

_MAX_FILE_BYTES = 1_000_000


class _UniqueKeyLoader(yaml.SafeLoader):
    """Plain data only, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = {str(key) for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.constructor.ConstructorError(
                None, None, f"{', '.join(sorted(doubled))} is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def read_mapping(path: Path, kind: str = "scenario") -> dict[str, Any]:
    """Return the entries of a YAML file; messages call it a file of this kind.

    Raises
    ------
    ScenarioError
        If it is no regular file, too large, no YAML, holds a key twice or anything but name: value entries.
    """
    try:
        if path.exists() and not path.is_file():
            raise ScenarioError(f"{kind} file {path}: not a regular file")
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise ScenarioError(f"{path.name}: larger than {_MAX_FILE_BYTES} bytes, so hardly a {kind}")
        paths.note_read(path)
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except ScenarioError:
        raise
    except OSError as error:
        raise ScenarioError(f"{kind} file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"{kind} file {path}: not UTF-8 text") from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"{kind} file {path}: {' '.join(str(error).split())}") from None
    except (RecursionError, ValueError) as error:  # nested too deeply, or no such date
        raise ScenarioError(f"{kind} file {path}: not readable as YAML: {error}") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ScenarioError(f"{kind} file {path}: it should hold name: value entries")
    return content
