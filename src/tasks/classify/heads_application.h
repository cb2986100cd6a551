/// The part of `rondo train classify` that is about several columns of labels.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/multi_task.h>
#include <rondo/tasks/task.h>

namespace rondo::classify {

struct Answering;
struct Reading;

/// The columns that Parts::reading names; empty: the data have one column of labels.
std::vector<data::LabelColumn> columns_in(const Parts& parts);
Parts read_heads(const std::vector<std::filesystem::path>& files, const Reading& reading,
                 const std::vector<data::LabelColumn>& like, const std::string& text);
Dataset read_more_heads(const std::filesystem::path& file, const Reading& reading, Parts& parts);
/// The column of texts in a record of reading; empty if it names none.
std::string text_column_in(const std::string& record);

/// Error(option) for what only models of one column can do.
void check_answering_of_heads(const Answering& answering);
/// Label and probability of each head, then the text, between tabs.
std::vector<Answer> answers_of_heads(const MultiTaskClassifier& model, std::span<const std::string> lines);
std::vector<report::Section> sections_of_heads(const MultiTaskClassifier& model, const Parts& parts,
                                               const Evaluation& evaluation);
std::vector<Fact> facts_of_heads(const MultiTaskClassifier& model);

}  // namespace rondo::classify
