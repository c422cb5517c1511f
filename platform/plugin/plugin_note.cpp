// Compiled into every plug-in.
#include "platform/plugin/note.h"

extern "C" [[gnu::visibility("default")]] const vesper::plugin::Note vesper_plugin_note;
[[gnu::used, gnu::section(".note.vesper")]] const vesper::plugin::Note vesper_plugin_note{
    .identity = vesper::plugin::identity()};
