#include "platform/observe/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace vesper::observe {

FileWriter::FileWriter(const std::filesystem::path& path) : path_(path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) {
    throw std::runtime_error(fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)));
  }
}

FileWriter::~FileWriter() {
  if (file_ >= 0) ::close(file_);
}

void FileWriter::long_text(std::string_view text) {
  flush();
  if (text.size() > kCapacity) {
    write_out(text);
    return;
  }
  std::memcpy(buffer_.get(), text.data(), text.size());
  used_ = text.size();
}

void FileWriter::flush() {
  write_out({buffer_.get(), used_});
  used_ = 0;
}

void FileWriter::write_out(std::string_view bytes) {
  while (!bytes.empty() && error_ == 0) {
    ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
}

void FileWriter::close() {
  if (file_ < 0) return;
  flush();
  if (::close(file_) != 0 && error_ == 0) error_ = errno;
  file_ = -1;
  if (error_ != 0) {
    throw std::runtime_error(fmt::format("cannot write '{}': {}", path_.string(), std::strerror(error_)));
  }
}

}  // namespace vesper::observe
