"""The command ``kwh2token``, under a name that no other package has.

Whatever else is called `analysis` on PYTHONPATH, here it is the package beside this file, or, where an
editable installation has put this file elsewhere, the one that it points to.
"""

import sys
from pathlib import Path

_FOLDERS = (str(Path(__file__).resolve().parent), *sys.path)
sys.path.insert(0, next(place for place in _FOLDERS if Path(place, "analysis", "runs", "kernels").is_dir()))
import analysis  # noqa: E402, F401 - its modules are found through it

del sys.path[0]
from analysis.cli.app import main  # noqa: E402

if __name__ == "__main__":
    main()
