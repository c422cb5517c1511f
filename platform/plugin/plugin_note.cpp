// Compiled into every plug-in.
#include "platform/plugin/note.h"

extern "C" [[gnu::used, gnu::visibility("default"),
             gnu::section(".note.vesper")]] const vesper::plugin::Note vesper_plugin_note;
const vesper::plugin::Note vesper_plugin_note{.identity = vesper::plugin::identity()};
