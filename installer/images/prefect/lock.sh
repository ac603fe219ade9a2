#!/bin/sh
# Makes requirements.lock of requirements.in; needs uv (pip install uv) and the package index.
set -eu
cd "$(dirname "$0")"
rm -f requirements.lock
exec uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 \
    --no-emit-index-url --no-annotate requirements.in -o requirements.lock
