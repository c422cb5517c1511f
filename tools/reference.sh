#!/usr/bin/env bash
# Writes the property reference of scenarios/README.md anew, from the declarations in the built command.
set -euo pipefail
cd "$(dirname "$0")/.."
{
  sed '/^## Properties/,$d' scenarios/README.md
  echo "## Properties"
  echo
  echo "As \`vesper list properties\` prints them; \`tools/reference.sh\` writes this section."
  echo
  echo '```'
  "${1:-build/release/bin/vesper}" list properties
  echo '```'
} >scenarios/README.md.new
mv scenarios/README.md.new scenarios/README.md
