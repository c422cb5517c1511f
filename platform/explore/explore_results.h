/// What a search leaves in its folder.
///
///   candidates.csv  every map that was worked out, with the latency of each number of images; `>` before a
///   time
///                   that it does not beat, where it was given up
///   best.csv        of each space and number of images the least latency and the design that has it
///   pareto.csv      of each space the designs with more throughput than any of less latency
///   bounds.csv      of each bound and space the design with the highest throughput
///   pareto.gp, .svg, .png   latency against throughput
///   design_N.yaml   each design of best.csv, as a scenario that includes the one searched
///   comparison.csv  on request: each design of pareto.csv simulated
/// Throughput is counted as SSR does: operations (two a multiplication) of all images over the batch's
/// latency.
#pragma once

#include <filesystem>

#include "platform/explore/explore_file.h"
#include "schedulers/offline/graph_model.h"

namespace vesper::explore {

/// A design that is the best of something; numbered from 1 on.
struct FoundDesign {
  offline::Best best;
  spatial::Design design;
  spatial::Resources resources;
};

class Results {
 public:
  /// Works the designs out again.
  Results(const ExploreFile& file, const offline::GraphModel& model, offline::SpatialSearch& search,
          const offline::SearchResult& result);

  [[nodiscard]] const std::vector<FoundDesign>& designs() const { return designs_; }
  /// Of a best of the result.
  [[nodiscard]] size_t number_of(const offline::Best& best) const;
  /// Numbers of those in pareto.csv, ascending.
  [[nodiscard]] std::vector<size_t> pareto() const;

  /// Writes everything but comparison.csv; `overrides` are those that the scenario was read with. The names
  /// of the files, in order.
  [[nodiscard]] std::vector<std::string> write(const std::filesystem::path& folder,
                                               const std::vector<std::string>& overrides, bool plot) const;
  /// For the terminal: a row a bound, or a number of images where there are no bounds, and a column a space.
  [[nodiscard]] std::string table() const;

 private:
  [[nodiscard]] std::string row_of(const offline::Best& best) const;
  [[nodiscard]] std::string figures_of(const offline::Best& best) const;
  [[nodiscard]] std::string candidates_csv() const;
  [[nodiscard]] std::string best_csv() const;
  [[nodiscard]] std::string pareto_csv() const;
  [[nodiscard]] std::string bounds_csv() const;
  [[nodiscard]] std::string script() const;
  [[nodiscard]] Node scenario_of(const FoundDesign& found, size_t number, const std::filesystem::path& folder,
                                 const std::vector<std::string>& overrides) const;

  const ExploreFile& file_;
  const offline::GraphModel& model_;
  const offline::SearchResult& result_;
  std::vector<FoundDesign> designs_;
};

/// `design_N.yaml`.
std::string design_file(size_t number);

/// Columns of a candidate's row in the journal, for so many numbers of images.
size_t journal_columns(const offline::Explore& search);
/// A candidate as a line of CSV, with its newline, and back; throws InputError when the line is none.
std::string journal_row(size_t number, const offline::Candidate& candidate);
offline::Candidate candidate_of(const std::string& row);

}  // namespace vesper::explore
