/// `report.html`: what one run left, or several side by side, as a page that needs nothing else.
///
/// Page      libraries, styles and data lie in the one file; nothing is loaded when it is viewed. Its bytes
///           depend on the runs' files, the names of their folders and the options alone.
/// Size      what grows with a run is binned, sampled or cut to the part that a reader looks at, and the page
///           says so: it stays below some 14 MB whatever the number of jobs.
/// Tasks     of several runs are the same where they have the same name.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "platform/report/gantt.h"

namespace vesper::report {

struct ReportOptions {
  std::optional<Window> window;  ///< of exact detail in the Gantt chart
  size_t rows = 2000;            ///< of each table of jobs or misses, shared by the runs
};

/// Throws InputError if this build has no page.
void check_page();

/// Throws InputError where a folder is no run's, a file is damaged, or the page cannot be written; then
/// nothing is written.
void write_report(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& file,
                  const ReportOptions& options);

}  // namespace vesper::report
