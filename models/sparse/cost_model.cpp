#include "models/sparse/cost_model.h"

#include <map>

namespace vesper::sparse {
namespace {

std::map<std::string, const CostModel*>& models() {
  static std::map<std::string, const CostModel*> all;
  return all;
}

}  // namespace

const CostModel* find_cost_model(const std::string& name) {
  auto it = models().find(name);
  return it == models().end() ? nullptr : it->second;
}

const char* cost_model_names() {
  static const std::string names = [] {
    std::string text;
    for (const auto& [name, model] : models()) text += (text.empty() ? "" : " or ") + name;
    return text;
  }();
  return names.c_str();
}

CostModelRegistration::CostModelRegistration(const char* name, const CostModel& model) {
  models().emplace(name, &model);
}

}  // namespace vesper::sparse
