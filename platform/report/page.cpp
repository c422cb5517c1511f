#include "platform/report/page.h"

namespace vesper::report {

#ifdef VESPER_REPORT_PAGE

// The assembler puts the file in: a string literal of its size is slow to compile.
__asm__(
    ".section .rodata\n"
    "vesper_report_page:\n"
    ".incbin \"" VESPER_REPORT_PAGE
    "\"\n"
    "vesper_report_page_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" {
extern const char vesper_report_page[] __attribute__((visibility("hidden")));
extern const char vesper_report_page_end[] __attribute__((visibility("hidden")));
}

std::string_view page() {
  return {vesper_report_page, static_cast<size_t>(vesper_report_page_end - vesper_report_page)};
}

#else

std::string_view page() { return {}; }

#endif

}  // namespace vesper::report
