#include "platform/report/columns.h"

#include <openssl/evp.h>

namespace vesper::report {

std::string Columns::base64() const {
  constexpr size_t kStep = 3 << 20;  // whole groups of three bytes, as EVP_EncodeBlock counts in int
  std::string text;
  text.reserve((bytes_.size() + 2) / 3 * 4 + 1);
  std::vector<unsigned char> out(kStep / 3 * 4 + 1);
  for (size_t at = 0; at < bytes_.size(); at += kStep) {
    const size_t size = std::min(kStep, bytes_.size() - at);
    const int written = EVP_EncodeBlock(out.data(), bytes_.data() + at, static_cast<int>(size));
    text.append(reinterpret_cast<const char*>(out.data()), static_cast<size_t>(written));
  }
  return text;
}

}  // namespace vesper::report
