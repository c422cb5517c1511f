#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests. `./test.sh sanitize` does so with sanitizers.
set -euo pipefail
cd "$(dirname "$0")"
preset=${1:-release}

tools/setup.sh
cmake --preset "$preset" --log-level=WARNING >/dev/null
cmake --build --preset "$preset" -- --quiet
ctest --preset "$preset" --output-on-failure --progress
