/// What a plug-in was built against. It stands in the library as an ELF note, the exported
/// `vesper_plugin_note`, so that it is read and compared before any of the library's code runs.
/// vesper_add_plugin compiles plugin_note.cpp in.
#pragma once

#include <sysc/kernel/sc_ver.h>

#include <cstdint>
#include <string_view>

#include "models/core/environment.h"
#include "models/core/registry.h"
#include "platform/observe/observer.h"
#include "platform/property/schema.h"
#include "schedulers/policy/policy.h"
#include "vesper_version.h"

namespace vesper::plugin {

/// Counted up with every change of what plug-ins see that the sizes below do not show.
constexpr uint32_t kAbi = 1;

struct Identity {
  uint32_t abi = 0;
  uint32_t layout = 0;     ///< of the types that cross the border
  uint32_t most_jobs = 0;  ///< places in a policy's queue
  char vesper[16] = {};    ///< version
  char systemc[16] = {};   ///< version
  char compiler[32] = {};  ///< C++ ABI
};

constexpr char kOwner[8] = "Vesper";
constexpr uint32_t kNoteType = 1;

/// As ELF lays a note out: sizes and type, owner, description.
struct Note {
  uint32_t owner_bytes = sizeof "Vesper";
  uint32_t description_bytes = sizeof(Identity);
  uint32_t type = kNoteType;
  char owner[8] = "Vesper";
  Identity identity;
};
static_assert(sizeof(Note) == 20 + sizeof(Identity) && sizeof(Identity) % 4 == 0);

namespace {  // each library has its own: what it was compiled with, not what it was linked to

constexpr uint32_t layout() {
  uint32_t hash = 2166136261U;  // FNV-1a
  for (size_t size : {sizeof(core::Environment), sizeof(core::TaskInfo), sizeof(core::IpFactory),
                      sizeof(observe::ObserverHub), sizeof(observe::Observer), sizeof(observe::Signal),
                      sizeof(observe::SignalInfo), sizeof(policy::Job), sizeof(policy::PolicyInfo),
                      sizeof(policy::Policy), sizeof(PropertyInfo), sizeof(Node)}) {
    hash = (hash ^ static_cast<uint32_t>(size)) * 16777619U;
  }
  return hash;
}

template <size_t N>
constexpr void assign(char (&field)[N], std::string_view text) {
  for (size_t i = 0; i < text.size() && i + 1 < N; ++i) field[i] = text[i];
}

#define VESPER_TEXT_OF(a) #a
#define VESPER_DOTTED(a, b, c) VESPER_TEXT_OF(a) "." VESPER_TEXT_OF(b) "." VESPER_TEXT_OF(c)

constexpr Identity identity() {
  Identity mine;
  mine.abi = kAbi;
  mine.layout = layout();
  mine.most_jobs = policy::kMaxJobs;
  assign(mine.vesper, VESPER_VERSION);
  assign(mine.systemc, VESPER_DOTTED(SC_VERSION_MAJOR, SC_VERSION_MINOR, SC_VERSION_PATCH));
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
  assign(mine.compiler, "libstdc++ with C++11 strings");
#else
  assign(mine.compiler, "another standard library");
#endif
  return mine;
}

}  // namespace
}  // namespace vesper::plugin
