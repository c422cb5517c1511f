#!/usr/bin/env bash
# Writes the manual page, from what the command says of itself:  manual.sh VESPER >vesper.1
set -euo pipefail
vesper=$1

escaped() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"; }
commands() { "$vesper" --help | sed -n 's/^  \([a-z_-]\+\) \+.*/\1/p'; }
version=$("$vesper" --version | cut -d' ' -f2)

echo ".TH VESPER 1 \"\" \"vesper $version\" \"User Commands\""
echo ".SH NAME"
"$vesper" --help | sed -n '1s/^vesper [^:]*: /vesper \\- /p'
echo ".SH SYNOPSIS"
echo ".B vesper"
echo "COMMAND [OPTIONS]"
echo ".SH COMMANDS"
"$vesper" --help | sed -n 's/^  \([a-z_-]\+\) \+\(.*\)/.TP\n.B \1\n\2/p'
for command in $(commands); do
  echo ".SH VESPER ${command^^}"
  echo ".nf"
  "$vesper" "$command" --help | escaped
  echo ".fi"
done
echo ".SH EXIT STATUS"
"$vesper" --help | sed -n '/Exit status/,$p' | sed -e 's/.*Exit status: //' | escaped
echo ".SH FILES"
echo ".TP"
echo ".I share/vesper/scenarios"
echo "platforms, workloads and scenarios; a scenario names them by their path below this folder"
