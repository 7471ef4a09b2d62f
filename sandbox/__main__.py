"""`python -m sandbox`: the local Discord, the local endpoint and the real bot."""

import sys

from sandbox.launcher.demo import main

if __name__ == "__main__":
    sys.exit(main())
