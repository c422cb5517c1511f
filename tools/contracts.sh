#!/usr/bin/env bash
# Collects the contracts that open the models' headers into docs/models.md; with --print, onto the terminal.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C  # the order of files

has_contract() { sed '/^#pragma once/q' "$1" | grep -qE '^/// (Models|Timing|Contract) '; }

contract() {
  echo
  echo "### $1"
  echo
  echo '```'
  awk '!/^\/\/\//{exit} {sub(/^\/\/\/ ?/, ""); print}' "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
  echo '```'
}

page() {
  echo "# Contracts of the models"
  echo
  echo "What each model stands for: what it models, its timing and where that comes from, what it leaves out. Each opens the"
  echo "header that it is named after; \`tools/contracts.sh\` writes this page."
  local folder=
  for header in models/*/*.h; do
    has_contract "$header" || continue
    if [ "$(dirname "$header")" != "$folder" ]; then
      folder=$(dirname "$header")
      printf '\n## %s\n' "${folder#models/}"
    fi
    contract "$header"
  done
}

if [ "${1:-}" = --print ]; then page; else page >docs/models.md; fi
