#!/usr/bin/env bash
# Prints a table of the DERCA scenarios in `fixed` and in `burst` memory: longest responses, deadlines missed, and what
# makes the difference: the response that `fixed` memory gives with the mean load and store of `burst`, and what DDR did.
# Takes minutes, as bursts do. Needs jq.
#     tools/fidelity_table.sh [path of vesper]
set -euo pipefail
cd "$(dirname "$0")/.."
vesper="${1:-build/release/bin/vesper}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Long enough for a job or more of each task.
scenarios="mlp1:200 mlp2:200 bert_tiny:300 bert_mini:500 deit_t:600 pointnet:200 mlp_mixer:300"

run() { # scenario, milliseconds, name of the run, overrides
  local overrides=()
  for assignment in "${@:4}"; do overrides+=(--set "$assignment"); done
  "$vesper" run "scenarios/derca/$1.yaml" --until "$2 ms" --steps --out "$folder/$1-$3" "${overrides[@]}" >/dev/null
}

longest() { jq -r ".tasks[$2].response_s.max * 1000" "$folder/$1/summary.json"; }

missed() { jq -r '[.tasks[].missed] | add' "$folder/$1/summary.json"; }

cycles() { # run, operation: mean
  awk -F, -v wanted="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    $column["operation"] == wanted { sum += $column["cycles"]; ++count }
    END { if (count) printf "%.0f", sum / count; else printf "-" }' "$folder/$1/steps.csv"
}

against() { # task: longest response in fixed, in burst, the difference, and what loads and stores make of it
  awk -v a="$(longest "$name-fixed" "$1")" -v b="$(longest "$name-burst" "$1")" -v c="$(longest "$name-means" "$1")" \
    'BEGIN { printf "%.2f / %.2f ms | %+.1f %% | %+.1f %%", a, b, 100 * (b / a - 1), 100 * (c / a - 1) }'
}

ddr() { jq -r ".memory.ddr[0].$2 * 1000 | round / 10" "$folder/$1/summary.json"; }

echo "| scenario | task | \`fixed\` / \`burst\` | difference | by mean load and store | missed | load | store | DDR busy | row hits |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for entry in $scenarios; do
  name=${entry%:*} until=${entry#*:}
  run "$name" "$until" fixed
  run "$name" "$until" burst memory.fidelity=burst
  load=$(cycles "$name-burst" load) store=$(cycles "$name-burst" store)
  run "$name" "$until" means "accelerator.cycles.load=$load" "accelerator.cycles.store=$store"
  printf '| %s | first | %s | %s / %s | %s / %s | %s / %s | %s %% | %s %% |\n' "$name" "$(against 0)" \
    "$(missed "$name-fixed")" "$(missed "$name-burst")" "$(cycles "$name-fixed" load)" "$load" \
    "$(cycles "$name-fixed" store)" "$store" "$(ddr "$name-burst" utilisation)" "$(ddr "$name-burst" row_hit_rate)"
  printf '| | second | %s | | | | | |\n' "$(against 1)"
done
