// The README and the pages of docs/ are followed to the letter: every block of shell commands is run, in
// order, in one folder; what a page shows of the output (blocks of text) must be in what the commands before
// it said.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/packaging/installed.h"

namespace vesper::test {
namespace {

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  bool inside = false;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      if (!inside) blocks.push_back({line.substr(3), ""});
      inside = !inside;
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

class Page : public ::testing::TestWithParam<const char*> {};

TEST_P(Page, DoesWhatItSays) {
  const std::string name = GetParam();
  const std::filesystem::path folder = emptied_folder(name);
  std::filesystem::create_symlink(VESPER_SOURCE_DIR "/scenarios", folder / "scenarios");
  std::string said;
  int commands = 0;
  const std::string page = name == "README" ? "/README.md" : "/docs/" + name + ".md";
  for (const Block& block : blocks_of(read_file(VESPER_SOURCE_DIR + page))) {
    if (block.language == "sh") {
      CommandResult result = run_script(block.text, folder);
      ASSERT_EQ(result.status, 0) << block.text << result.out;
      said = commands++ > 0 && said.size() < (1U << 20) ? said + result.out : result.out;
    } else if (block.language == "text") {
      std::istringstream lines(block.text);
      for (std::string line; std::getline(lines, line);) EXPECT_THAT(said, ::testing::HasSubstr(line));
      said.clear();
    }
  }
  EXPECT_GT(commands, 0);
}

INSTANTIATE_TEST_SUITE_P(Docs, Page,
                         ::testing::Values("README", "run", "read", "network", "sweep", "waves", "debugging",
                                           "plug-in", "policy"),
                         [](const auto& page) {
                           std::string name = page.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace vesper::test
