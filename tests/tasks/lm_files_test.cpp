// From files of text and tables to documents.
#include <fstream>

#include <gtest/gtest.h>

#include <rondo/tasks/lm.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/lm/text.h"

namespace rondo::test {
namespace {

std::filesystem::path written(const TemporaryFolder& folder, const std::string& name,
                              const std::string& bytes) {
  std::ofstream(folder / name, std::ios::binary) << bytes;
  return folder / name;
}

std::vector<std::string> read_back(const Dataset& text) {
  std::vector<std::string> documents;
  for (const std::string_view document : lm::documents_in(text))
    documents.emplace_back(document);
  return documents;
}

TEST(LanguageFiles, LineEndsAndByteOrderMarksAreNoText) {
  const TemporaryFolder folder;
  const auto dos = written(folder, "dos.txt",
                           "\xEF\xBB\xBF"
                           "one\r\ntwo\r\n");
  EXPECT_EQ(read_back(lm::read_text({dos})), std::vector<std::string>{"one\ntwo\n"});
  const auto mac = written(folder, "mac.txt", "one\rtwo\rthree\r");
  expect_error(
      ErrorKind::data, [&] { lm::read_text({mac}); }, "mac.txt", "CR");
  const auto empty = written(folder, "empty.txt", "");
  expect_error(
      ErrorKind::data, [&] { lm::read_text({empty}); }, "no text in", "empty.txt");
  const auto broken = written(folder, "broken.txt", "fine\nbad \xFF\n");
  expect_error(
      ErrorKind::data, [&] { lm::read_text({broken}); }, "broken.txt line 2");
}

TEST(LanguageFiles, DocumentsEndWhereOneSays) {
  const TemporaryFolder folder;
  const auto file = written(folder, "poems.txt", "a\nb\n\n\nc\n");
  EXPECT_EQ(read_back(lm::read_text({file, file})).size(), 2U);
  EXPECT_EQ(read_back(lm::read_text({file}, {.documents = Documents::blank_line})),
            (std::vector<std::string>{"a\nb\n", "c\n"}));
  EXPECT_EQ(read_back(lm::read_text({file}, {.documents = Documents::line})).size(), 5U);
  const auto table = written(folder, "poems.tsv", "title\ttext\nx\tfirst\ny\tsecond\n");
  EXPECT_EQ(read_back(lm::read_text({table}, {.text = "text"})),
            (std::vector<std::string>{"first", "second"}));
  expect_error(
      ErrorKind::data, [&] { lm::read_text({table}, {.text = "txet"}); }, "'txet'", "'text'");
}

TEST(LanguageFiles, OneColumnIsEnoughAndAListIsLines) {
  const TemporaryFolder folder;
  const std::vector<std::string> two = {"first", "second"};
  EXPECT_EQ(
      read_back(lm::read_text({written(folder, "a.jsonl", "{\"text\":\"first\"}\n{\"text\":\"second\"}\n")},
                              {.text = "text"})),
      two);
  EXPECT_EQ(read_back(lm::read_text({written(folder, "a.csv", "text\nfirst\nsecond\n")}, {.text = "text"})),
            two);
  EXPECT_EQ(read_back(lm::read_text(
                {written(folder, "b.jsonl", "{\"a\":{\"b\":\"first\"}}\n{\"a\":{\"b\":\"second\"}}\n")},
                {.text = "a.b"})),
            two);
  const auto poems =
      written(folder, "poems.json", "[{\"title\":\"x\",\"paragraphs\":[\"床前明月光，\",\"疑是地上霜。\"]}]");
  EXPECT_EQ(read_back(lm::read_text({poems}, {.text = "paragraphs"})),
            std::vector<std::string>{"床前明月光，\n疑是地上霜。"});
  std::vector<std::string> notices;
  lm::read_text({poems}, {}, &notices);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("--text COLUMN"), std::string::npos) << notices[0];
}

}  // namespace
}  // namespace rondo::test
