/// Finding by name what registers itself in a linked list. Freestanding C++20.
#pragma once

namespace vesper::policy {

inline bool same_name(const char* a, const char* b) {
  while (*a != 0 && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

/// The entry of that name in the list from `head` on; null when there is none.
template <class Info>
const Info* find_named(const Info* head, const char* name) {
  for (const Info* info = head; info != nullptr; info = info->next) {
    if (same_name(info->name, name)) return info;
  }
  return nullptr;
}

}  // namespace vesper::policy
