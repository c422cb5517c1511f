#!/usr/bin/env bash
# Makes the pictures of docs/waves.md again: runs each scenario, opens its wave in GTKWave on a screen in memory and writes
# what there is to see into the picture. Takes gtkwave, xvfb, xauth and imagemagick (Debian), and `vesper` on the PATH or built.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:$PWD/build/release/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p docs/pictures
cat >"$work/gtkwaverc" <<'RC'
hide_sst 1
splash_disable 1
fontname_waves Monospace 10
fontname_signals Monospace 10
RC

left=330  # where waves begin, GTKWave 3.3.118 with these fonts
top=153   # the middle of the first row
row=23

# picture NAME HEIGHT FROM_PS TO_PS SCENARIO OPTIONS... -- "PS ROW TEXT"...
picture() {
  local name=$1 height=$2 from=$3 to=$4
  shift 4
  local arguments=()
  while [ "$1" != -- ]; do arguments+=("$1"); shift; done
  shift
  vesper run "${arguments[@]}" --vcd-from "$from ps" --vcd-to "$to ps" --out "$work/$name" >/dev/null
  (cd "$work/$name" && xvfb-run -a -s "-screen 0 1280x${height}x24" bash -c \
    "gtkwave -r '$work/gtkwaverc' trace.vcd trace.gtkw >/dev/null 2>&1 & wave=\$!; sleep 6; import -window root shot.png; kill \$wave")
  local zoom draw=()
  zoom=$(sed -n 's/^\*-\([0-9.]*\) .*/\1/p' "$work/$name/trace.gtkw")
  for note in "$@"; do
    read -r at line text <<<"$note"
    local x y
    x=$(awk -v t="$at" -v f="$from" -v z="$zoom" -v l="$left" 'BEGIN { printf "%d", l + (t - f) * 200 / 2 ^ z }')
    y=$((top + row * line))
    draw+=(-stroke '#ff5050' -strokewidth 2 -fill none -draw "line $x,118 $x,$y"
      -stroke none -fill '#fff0a0' -draw "roundrectangle $((x + 4)),$((y - 9)) $((x + 12 + 7 * ${#text})),$((y + 9)) 4,4"
      -fill black -annotate "+$((x + 8))+$((y + 5))" "$text")
  done
  convert "$work/$name/shot.png" -font DejaVu-Sans-Mono -pointsize 11.5 "${draw[@]}" \
    -crop "1205x$((height - 100))+5+100" +repage -colors 48 -strip "PNG8:docs/pictures/$name.png"
  echo "docs/pictures/$name.png"
}

picture preemption 480 1500000000 6500000000 scenarios/demo/camera_and_lidar.yaml \
  '--vcd=tasks.*,scheduler_block.running,scheduler_block.heap,accelerator.job,accelerator.load,accelerator.compute,accelerator.store,accelerator.swap' -- \
  "2000000000 2 released" "2001052174 4 the lidar is the root of the heap: it preempts" \
  "2001065218 8 persist: the camera is swapped out" "2914173914 7 the lidar runs" "5185439131 8 resume: the camera goes on"

picture priority_inversion 400 1000000000 17000000000 scenarios/demo/camera_and_lidar_layerwise.yaml \
  '--vcd=tasks.*,scheduler_block.running,scheduler_block.heap,accelerator.job,accelerator.layer' -- \
  "2000000000 7 the lidar is the root of the heap, but the camera's layer goes on" "7000000000 2 its deadline passes"

picture row_conflicts 560 3000000000 3000400000 scenarios/bandwidth/hostile.yaml --until "3010 us" \
  '--vcd=ddr.bus,ddr.requests,ddr.bank[0-7].*' -- \
  "3000012000 5 every access opens another row: most of the time ..." "3000037000 7 ... the bus is idle" \
  "3000058000 14 bank 4 likewise"

picture interrupt 480 1999500000 2004500000 scenarios/demo/camera_and_lidar_software.yaml \
  '--vcd=job_release.*,gic.irq,gic.irq121,gic.active,cpu.*,accelerator.job,accelerator.swap' -- \
  "2000004348 9 the release's line rises, the GIC's output with it: the CPU wakes" "2000134286 3 acknowledged (121)" \
  "2000947858 12 the FIFO is read: the line falls" "2001105000 4 end of interrupt"
