/// Parameters of policies as scenarios write them: a number, or one of the names that stand for 0, 1, ...
#pragma once

#include <string>
#include <vector>

#include "schedulers/policy/policy.h"

namespace vesper::policy {

/// The names, in order; none for a number.
std::vector<std::string> choices_of(const ParameterInfo& parameter);
/// How a value is written.
std::string text_of(const ParameterInfo& parameter, double value);

}  // namespace vesper::policy
