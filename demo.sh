#!/usr/bin/env bash
# Installs what is missing, builds, and shows what Vesper is for: two networks share one accelerator.
set -euo pipefail
cd "$(dirname "$0")"

tools/setup.sh
cmake --preset release --log-level=WARNING >/dev/null
cmake --build --preset release --target vesper_command firmware_scheduler -- --quiet
vesper=build/release/bin/vesper

echo "== preempted between layers: the lidar waits for the camera's layer and misses deadlines"
$vesper run scenarios/demo/camera_and_lidar_layerwise.yaml --out traces/demo-layerwise --bandwidth
echo
echo "== preempted within layers, by the hardware scheduler: no deadline is missed"
$vesper run scenarios/demo/camera_and_lidar.yaml --out traces/demo --vcd --timeline --bandwidth
echo
echo "== the same policy as firmware on the Cortex-A72, beside the hardware scheduler"
$vesper run scenarios/demo/camera_and_lidar_software.yaml --out traces/demo-software --vcd --bandwidth --compare traces/demo

echo
echo "== the three side by side on a page"
$vesper report traces/demo-layerwise traces/demo traces/demo-software --out traces/report.html
echo
echo "The report:    traces/report.html, in any browser"
echo "The waveform:  gtkwave traces/demo/trace.vcd traces/demo.gtkw"
