#include "platform/plugin/note_reader.h"

#include <elf.h>
#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace vesper::plugin {
namespace {

/// No note of a real library is larger.
constexpr uint64_t kMostNoteBytes = 1 << 20;

bool read_at(std::ifstream& file, uint64_t offset, void* out, uint64_t bytes) {
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  return file.read(static_cast<char*>(out), static_cast<std::streamsize>(bytes)).good();
}

constexpr uint64_t padded(uint64_t bytes) { return (bytes + 3) / 4 * 4; }

/// Walks the notes of a segment.
bool find_note(const std::string& notes, Identity& out) {
  uint64_t at = 0;
  Elf64_Nhdr header{};
  while (at + sizeof header <= notes.size()) {
    std::memcpy(&header, notes.data() + at, sizeof header);
    const uint64_t owner = at + sizeof header;
    const uint64_t description = owner + padded(header.n_namesz);
    at = description + padded(header.n_descsz);
    if (at > notes.size()) return false;
    const bool ours = header.n_type == kNoteType && header.n_namesz == sizeof "Vesper" &&
                      std::memcmp(notes.data() + owner, kOwner, sizeof "Vesper") == 0;
    if (!ours) continue;
    std::memcpy(&out, notes.data() + description, std::min<uint64_t>(header.n_descsz, sizeof out));
    for (char* text : {out.vesper, out.systemc}) text[sizeof out.vesper - 1] = 0;
    out.compiler[sizeof out.compiler - 1] = 0;
    return true;
  }
  return false;
}

std::string release_line(std::string_view version) {
  const size_t second = version.find('.', version.find('.') + 1);
  return std::string(version.substr(0, second));
}

}  // namespace

NoteFound read_note(const std::string& path, Identity& out) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr elf{};
  const bool is_elf = file && read_at(file, 0, &elf, sizeof elf) &&
                      std::memcmp(elf.e_ident, ELFMAG, SELFMAG) == 0 && elf.e_ident[EI_CLASS] == ELFCLASS64 &&
                      elf.e_phentsize == sizeof(Elf64_Phdr);
  if (!is_elf) return NoteFound::no_library;
  const uint64_t bytes = std::filesystem::file_size(path);
  bool found = false;
  for (uint64_t i = 0; i < elf.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (!read_at(file, elf.e_phoff + i * sizeof segment, &segment, sizeof segment)) return NoteFound::cut_off;
    if (segment.p_type == PT_LOAD &&
        (segment.p_offset > bytes || segment.p_filesz > bytes - segment.p_offset))
      return NoteFound::cut_off;
    if (found || segment.p_type != PT_NOTE || segment.p_filesz > kMostNoteBytes) continue;
    std::string notes(segment.p_filesz, '\0');
    if (!read_at(file, segment.p_offset, notes.data(), notes.size())) return NoteFound::cut_off;
    found = find_note(notes, out);
  }
  return found ? NoteFound::found : NoteFound::no_note;
}

std::string mismatch(const Identity& theirs, const Identity& ours) {
  if (release_line(theirs.vesper) != release_line(ours.vesper))
    return fmt::format("it was built against Vesper {}, this is {}", theirs.vesper, ours.vesper);
  if (theirs.abi != ours.abi)
    return fmt::format("its plug-in ABI is {}, this Vesper's is {}", theirs.abi, ours.abi);
  if (std::strcmp(theirs.systemc, ours.systemc) != 0)
    return fmt::format("it was built with SystemC {}, this Vesper with {}", theirs.systemc, ours.systemc);
  if (std::strcmp(theirs.compiler, ours.compiler) != 0)
    return fmt::format("it was built with {}, this Vesper with {}", theirs.compiler, ours.compiler);
  if (theirs.most_jobs != ours.most_jobs)
    return fmt::format("its policies' queues hold {} jobs, this Vesper's {} (VESPER_MOST_JOBS)",
                       theirs.most_jobs, ours.most_jobs);
  if (theirs.layout != ours.layout) return "it was built against headers of another build of this version";
  return "";
}

std::string mismatch(const Identity& theirs) { return mismatch(theirs, identity()); }

}  // namespace vesper::plugin
