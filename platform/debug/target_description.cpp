#include "platform/debug/target_description.h"

#include <fmt/format.h>

#include <string_view>

#include "models/cpu/debugger.h"

namespace vesper::debug {
namespace {

// What a vector register holds, as in GDB's own features/aarch64-fpu.xml.
constexpr std::string_view kVectors = R"(<vector id="v2d" type="ieee_double" count="2"/>
<vector id="v2u" type="uint64" count="2"/>
<vector id="v4f" type="ieee_single" count="4"/>
<vector id="v4u" type="uint32" count="4"/>
<vector id="v8u" type="uint16" count="8"/>
<vector id="v16u" type="uint8" count="16"/>
<vector id="v1u" type="uint128" count="1"/>
<union id="vnd"><field name="f" type="v2d"/><field name="u" type="v2u"/></union>
<union id="vns"><field name="f" type="v4f"/><field name="u" type="v4u"/></union>
<union id="vnh"><field name="u" type="v8u"/></union>
<union id="vnb"><field name="u" type="v16u"/></union>
<union id="vnq"><field name="u" type="v1u"/></union>
<union id="aarch64v"><field name="d" type="vnd"/><field name="s" type="vns"/><field name="h" type="vnh"/>
<field name="b" type="vnb"/><field name="q" type="vnq"/></union>
)";

std::string type_of(std::string_view name, unsigned bits) {
  if (name == "pc") return "code_ptr";
  if (name == "sp") return "data_ptr";
  return bits == 128 ? "aarch64v" : bits == 64 ? "uint64" : "uint32";
}

std::string feature(std::string_view name, std::string_view types, size_t first, size_t past) {
  std::string text = fmt::format("<feature name=\"{}\">\n{}", name, types);
  for (size_t number = first; number < past; ++number) {
    const cpu::DebugRegister& one = cpu::debug_registers()[number];
    text += fmt::format("<reg name=\"{}\" bitsize=\"{}\" type=\"{}\" regnum=\"{}\"{}/>\n", one.name, one.bits,
                        type_of(one.name, one.bits), number,
                        number >= cpu::kFirstDebugSystem ? " group=\"system\"" : "");
  }
  return text + "</feature>\n";
}

}  // namespace

std::string target_description() {
  return "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
         "<architecture>aarch64</architecture>\n" +
         feature("org.gnu.gdb.aarch64.core", "", 0, cpu::kFirstDebugVector) +
         feature("org.gnu.gdb.aarch64.fpu", kVectors, cpu::kFirstDebugVector, cpu::kFirstDebugSystem) +
         feature("vesper.system", "", cpu::kFirstDebugSystem, cpu::debug_registers().size()) + "</target>\n";
}

}  // namespace vesper::debug
