#!/usr/bin/env bash
# Installs what building and testing need and is not there yet. Debian 12, as root or with sudo.
set -euo pipefail

packages=(
  ca-certificates ccache chromium cmake dpkg-dev fonts-dejavu-core g++ g++-aarch64-linux-gnu gdb-multiarch git gnuplot-nox gtkwave jq
  libbenchmark-dev libboost-dev libboost-program-options-dev libeigen3-dev libfmt-dev libgmock-dev libgtest-dev libonnx-dev
  libprotobuf-dev libspdlog-dev libssl-dev libsystemc-dev libunicorn-dev libyaml-cpp-dev munge ninja-build nlohmann-json3-dev slurm-wlm
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
    missing+=("$package")
done
# node and npm may have come from elsewhere, with which Debian's npm does not go together.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root, or install sudo, to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
