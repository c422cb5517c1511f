/// Reads the note of a plug-in without loading it.
#pragma once

#include <string>

#include "platform/plugin/note.h"

namespace vesper::plugin {

enum class NoteFound : uint8_t { no_library, cut_off, no_note, found };

/// Of a 64-bit ELF file; anything else is no library. `cut_off`: it ends before what it says it holds.
NoteFound read_note(const std::string& file, Identity& out);

/// What does not fit, in words with both sides; empty when all does. Of the version, major and minor count.
std::string mismatch(const Identity& theirs, const Identity& ours);
/// The same against this library.
std::string mismatch(const Identity& theirs);

}  // namespace vesper::plugin
