#include "models/pl/operation.h"

#include <map>

namespace vesper::pl {
namespace {

std::map<std::string, const Operation*>& operations() {
  static std::map<std::string, const Operation*> all;
  return all;
}

}  // namespace

const Operation* find_operation(const std::string& op) {
  auto it = operations().find(op);
  return it == operations().end() ? nullptr : it->second;
}

OperationRegistration::OperationRegistration(const char* op, const Operation& operation) {
  operations().emplace(op, &operation);
}

workload::Format format_of(const workload::Graph& graph, uint32_t op) {
  return op == workload::Edge::kInput ? workload::Format::int8 : graph.operators[op].format;
}
uint32_t columns_of(const workload::Graph& graph, uint32_t op) {
  return op == workload::Edge::kInput ? graph.input_columns : graph.operators[op].columns;
}
uint32_t rows_of(const workload::Graph& graph, uint32_t op) {
  return op == workload::Edge::kInput ? graph.input_rows : graph.operators[op].rows;
}

}  // namespace vesper::pl
