#include "platform/cli/analysis_report.h"

namespace vesper::cli {
namespace {

using offline::Cycles;
using offline::Region;
using offline::Strategy;

char mark_of(Strategy strategy) {
  if (strategy == Strategy::none) return '|';
  return strategy == Strategy::recompute ? 'R' : 'P';
}

}  // namespace

std::string region_picture(const offline::TaskSet& set, const offline::Analysis& analysis, size_t task,
                           size_t width) {
  Cycles total = 0;
  offline::for_each_region(set, analysis, task, [&](const Region& region) { total += region.execution; });
  std::string picture(width, '-');
  Cycles done = 0;
  offline::for_each_region(set, analysis, task, [&](const Region& region) {
    done += region.execution;
    if (done >= total) return;
    auto column = static_cast<size_t>(static_cast<offline::Wide>(done) * static_cast<Cycles>(width) / total);
    char mark = mark_of(region.strategy_at_end);
    picture[column] = picture[column] == '-' || picture[column] == mark ? mark : '+';
  });
  return "[" + picture + "]";
}

}  // namespace vesper::cli
