#!/usr/bin/env bash
# Writes both lock files from pyproject.toml: the newest versions it allows with --upgrade, else the least change.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
set_up dev
cd "$root"

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command scripts/lib/lock.sh "$@" pyproject.toml
}

compile --group dev --output-file requirements-dev.lock "$@"
compile --group build --constraints requirements-dev.lock --output-file requirements.lock
