#!/bin/sh
# Makes .venv with the first Python that is new enough, or says what to install.
set -eu
cd "$(dirname "$0")/.."
for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        rm -rf .venv
        if "$python" -m venv .venv 2>.venv-error; then
            rm -f .venv-error
            exit 0
        fi
        cat .venv-error >&2
        rm -rf .venv .venv-error
        echo "Python's venv module is incomplete here. On Debian or Ubuntu: apt-get install python3-venv, then run make again." >&2
        exit 1
    fi
done
echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3" >&2
exit 1
