"""The command ``kwh2token``, under a name that no other package has.

Whatever else is called `analysis` on PYTHONPATH, here it is the package beside this file.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import analysis  # noqa: F401 - its modules are found through it

del sys.path[0]
from analysis.cli.app import main  # noqa: E402

if __name__ == "__main__":
    main()
