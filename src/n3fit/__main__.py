"""``python -m n3fit``: the same as the command ``n3fit``."""

import sys

from n3fit_launcher import main

if __name__ == "__main__":
    sys.exit(main())
