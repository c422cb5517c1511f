// Requests that users bring as files: what is read, and what is refused where.
#include <gmock/gmock.h>

#include "platform/workload/request_stream.h"
#include "tests/support/command.h"

namespace vesper::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RequestFiles : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    test::write_file(folder_ / name, text);
    return folder_ / name;
  }
  /// The message of the InputError that `read` throws.
  template <class Read>
  static std::string refusal(Read read) {
    try {
      read();
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was refused";
  }

  test::TemporaryFolder folder_;
};

class JsonTrace : public RequestFiles {
 protected:
  static constexpr const char* kModels =
      R"("models": {"a": {"average_latency_s": [1e-3, 2e-3], "average_sparsity": [0.5, 0.25], "more": 1},
                    "b": {"average_latency_s": [1], "average_latency_of_pattern_s": [2], "average_sparsity": [0]}})";
  static std::string request(const std::string& changes) {
    return R"({"arrival_ps": 5, "model": "a", "slo_ps": 10, "layer_ps": [1, 2], "layer_sparsity": [0.5, 1])" +
           changes + "}";
  }
  RequestTable read(const std::string& requests) {
    return read_request_json(
        file("t.json", std::string("{") + kModels + ", \"requests\": [" + requests + "]}"), {});
  }
  std::string refused(const std::string& requests) {
    return refusal([&] { read(requests); });
  }
};

TEST_F(JsonTrace, IsReadWithDefaults) {
  RequestTable table = read(request(R"(, "finish_ps": 7)") + "," + request(R"(, "priority": 9)"));
  ASSERT_EQ(table.kinds.size(), 2U);
  EXPECT_EQ(table.kinds[0].layers[1].pattern_latency_s, 2e-3);
  EXPECT_EQ(table.kinds[1].layers[0].pattern_latency_s, 2);
  ASSERT_EQ(table.requests.size(), 2U);
  EXPECT_EQ(table.requests[0].deadline_ps, 15U);
  EXPECT_EQ(table.requests[0].priority, 1U);
  EXPECT_EQ(table.requests[1].priority, 9U);
  EXPECT_THAT(table.requests[0].layer_ps, ElementsAre(1, 2));
  EXPECT_THAT(table.requests[0].sparsity, ElementsAre(0.5, 1.0));
  EXPECT_EQ(table.requests[0].isolated_ps(), 3U);
}

TEST_F(JsonTrace, RefusesWithRequestAndKey) {
  const std::string good = request("");
  auto with = [&](const std::string& key, const std::string& value) {
    std::string text = good;
    size_t at = text.find("\"" + key + "\":") + key.size() + 3;
    size_t end = text[at + 1] == '[' ? text.find(']', at) + 1 : text.find_first_of(",}", at);
    return good + "," + text.replace(at, end - at, " " + value);
  };
  const std::pair<std::string, std::string> cases[] = {
      {with("layer_ps", "[1]"), "requests[1] 'layer_ps' has 1 items; model 'a' has 2 layers"},
      {with("layer_ps", "[1, -2]"), "requests[1] 'layer_ps[1]' is -2; it must be an integer between 1 and"},
      {with("layer_ps", "[0, 2]"), "'layer_ps[0]' is 0"},
      {with("layer_ps", "[1, 2.5]"), "'layer_ps[1]' is 2.5"},
      {with("layer_ps", "[1, 18446744073709551615]"), "'layer_ps[1]' is 18446744073709551615"},
      {with("layer_ps", "[1, null]"), "'layer_ps[1]' is null"},
      {with("layer_ps", "[]"), "requests[1] 'layer_ps' is an empty list"},
      {with("layer_ps", "7"), "requests[1] 'layer_ps' is 7; it must be a list"},
      {with("layer_sparsity", "[0.5, 1.5]"),
       "requests[1] 'layer_sparsity[1]' is 1.5; it must be a number between 0 and 1"},
      {with("layer_sparsity", "[0.5, -0.1]"), "'layer_sparsity[1]' is -0.1"},
      {with("layer_sparsity", "[0.5, \"x\"]"), "'layer_sparsity[1]' is \"x\""},
      {with("arrival_ps", "4"), "requests[1] 'arrival_ps' lies before that of the request above"},
      {with("arrival_ps", "-4"), "requests[1] 'arrival_ps' is -4"},
      {with("arrival_ps", "1e300"), "requests[1] 'arrival_ps' is 1e+300"},
      {with("model", "\"c\""), "requests[1] 'model' is \"c\", which is not under 'models'"},
      {with("model", "3"), "requests[1] 'model' is 3"},
      {with("slo_ps", "0"), "requests[1] 'slo_ps' is 0"},
      {good + "," + request(R"(, "priority": 0)"), "requests[1] 'priority' is 0"},
      {good + ", 7", "requests[1] is 7, not an object"},
      {good + ", {}", "requests[1] has no 'arrival_ps'"},
      {"", "'requests' must be a list with an item a request"}};
  for (const auto& [requests, says] : cases) {
    std::string message = refused(requests);
    EXPECT_THAT(message, HasSubstr("t.json: ")) << requests;
    EXPECT_THAT(message, HasSubstr(says)) << requests;
  }
}

TEST_F(JsonTrace, RefusesWhatIsNoTableAtAll) {
  auto refused = [&](const std::string& text) {
    return refusal([&] { read_request_json(file("t.json", text), {}); });
  };
  EXPECT_THAT(refused(""), HasSubstr("t.json: no complete JSON: parse error at line 1"));
  EXPECT_THAT(refused("{\"models\": {\"a\": {"), HasSubstr("no complete JSON"));
  EXPECT_THAT(refused("{\"models\": NaN}"), HasSubstr("no complete JSON"));
  EXPECT_THAT(refused("[]"), HasSubstr("the trace is an empty list, not an object"));
  EXPECT_THAT(refused("{}"), HasSubstr("the trace has no 'models'"));
  EXPECT_THAT(refused(R"({"models": {}, "requests": []})"),
              HasSubstr("'models' must be an object with a key a model"));
  EXPECT_THAT(
      refused(R"({"models": {"a": {"average_latency_s": [1, 2], "average_sparsity": [0]}}, "requests": []})"),
      HasSubstr("models.a has 2 latencies, 2 of its pattern and 1 sparsities"));
  EXPECT_THAT(
      refused(R"({"models": {"a": {"average_latency_s": [0], "average_sparsity": [0]}}, "requests": []})"),
      HasSubstr("models.a 'average_latency_s[0]' is 0"));
  EXPECT_THAT(refusal([] { read_request_json("/nowhere.json", {}); }),
              HasSubstr("cannot read the request trace '/nowhere.json'"));
}

TEST_F(JsonTrace, RefusesMoreRequestsThanARunTakes) {
  std::string text =
      "{\"models\": {\"a\": {\"average_latency_s\": [1], \"average_sparsity\": [0]}}, \"requests\": [0";
  for (uint32_t i = 0; i < kMostRequests; ++i) text += ",0";
  EXPECT_THAT(refusal([&] { read_request_json(file("t.json", text + "]}"), {}); }),
              HasSubstr("1048577 requests; a run takes at most 1048576"));
}

using CsvTrace = RequestFiles;

TEST_F(CsvTrace, RequestsAreReadByTheirColumns) {
  std::vector<RequestRow> rows = read_request_csv(
      file("r.csv",
           "# made by hand\nmodel,arrival_s,slo,priority,pattern\na,0.001,5 ms,3,x\r\n\nb,0.002,1 ms,1,\n"),
      {});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].arrival_ps, ms(1).ps);
  EXPECT_EQ(rows[0].slo_ps, ms(5).ps);
  EXPECT_EQ(rows[0].priority, 3U);
  EXPECT_EQ(rows[0].pattern, "x");
  EXPECT_EQ(rows[1].line, 5);
}

TEST_F(CsvTrace, RequestsAreRefusedWithTheirLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "r.csv:0: the file is empty"},
      {"arrival,model\n", "the file has no requests"},
      {"model\na\n", "r.csv:1: there is no column 'arrival'"},
      {"arrival,modle\n", "r.csv:1: unknown column 'modle' (did you mean 'model'?)"},
      {"arrival,arrival_s,model\n", "'arrival' stands in two columns"},
      {"arrival,model\n2 ms,a\n1 ms,a\n", "r.csv:3: the arrival lies before the one above it"},
      {"arrival,model\n-2 ms,a\n", "r.csv:2: arrival '-2 ms'"},
      {"arrival_s,model\nnan,a\n", "r.csv:2: arrival 'nan'"},
      {"arrival,model\n2 ms\n", "r.csv:2: '2 ms' has 1 fields; the header names 2"},
      {"arrival,model,priority\n2 ms,a,0\n", "priority is 0"},
      {"arrival,model,slo\n2 ms,a,0 s\n", "slo is 0 ps; it must be between 1 ps"}};
  for (const auto& [text, says] : cases) {
    EXPECT_THAT(refusal([&] { read_request_csv(file("r.csv", text), {}); }), HasSubstr(says)) << text;
  }
}

TEST_F(CsvTrace, SamplesAreGatheredByModelAndPattern) {
  std::vector<SampleSet> sets =
      read_sample_csv(file("s.csv",
                           "model,pattern,sample,layer,latency_ps,sparsity\n"
                           "a,x,0,0,5,0.5\na,x,0,1,6,0.25\na,y,0,0,7,0\na,y,0,1,8,1\n"
                           "a,x,1,0,9,0\na,x,1,1,10,0\nb,x,0,0,11,0\n"),
                      {});
  ASSERT_EQ(sets.size(), 3U);
  ASSERT_EQ(sets[0].samples.size(), 2U);
  EXPECT_THAT(sets[0].samples[1].layer_ps, ElementsAre(9, 10));
  EXPECT_THAT(sets[0].samples[0].sparsity, ElementsAre(0.5, 0.25));
  EXPECT_EQ(sets[2].model, "b");
}

TEST_F(CsvTrace, SamplesAreRefusedWithTheirLine) {
  const std::string header = "model,sample,layer,latency_ps,sparsity\n";
  const std::pair<std::string, const char*> cases[] = {
      {"model,layer\na,0\n", "s.csv:1: there is neither a column 'latency' nor 'sparsity'"},
      {header, "the file has no samples"},
      {header + "a,0,0,5,0\na,0,2,5,0\n", "s.csv:3: layer 2 stands where layer 1 is expected"},
      {header + "a,0,1,5,0\n", "s.csv:2: layer 1 stands where layer 0 is expected"},
      {header + "a,0,0,5,0\na,0,1,5,0\na,1,0,5,0\n",
       "the sample of model 'a' that begins in line 4 has 1 layers, its first one 2"},
      {header + "a,0,0,5,0\na,1,0,5,0\na,0,0,5,0\n",
       "s.csv:4: sample '0' of model 'a' stands here a second time"},
      {header + "a,0,0,0,0\n", "s.csv:2: latency is 0 ps; it must be between 1 ps and 1000 s"},
      {header + "a,0,0,-5,0\n", "s.csv:2: latency '-5'"},
      {header + "a,0,0,99999999999999999,0\n", "s.csv:2: latency is"},
      {header + "a,0,0,5,1.1\n", "s.csv:2: sparsity is 1.1; it must be between 0 and 1"},
      {header + "a,0,0,5,nan\n", "s.csv:2: sparsity"},
      {header + ",0,0,5,0\n", "s.csv:2: the model's name is empty"}};
  for (const auto& [text, says] : cases) {
    EXPECT_THAT(refusal([&] { read_sample_csv(file("s.csv", text), {}); }), HasSubstr(says)) << text;
  }
}

}  // namespace
}  // namespace vesper::workload
