#include "tasks/tag/application.h"

#include <functional>
#include <set>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/tag/evaluation.h"
#include "tasks/tag/source.h"
#include "tasks/verb.h"

namespace rondo::tag {
namespace {

/// Says which tags of a part the training data do not have.
void note_new_tags(const Dataset& part, const std::string& name,
                   const std::function<bool(std::string_view)>& known, std::vector<std::string>& notices) {
  std::set<std::string> tags;
  std::int64_t tokens = 0;
  for (const TaggedSentence* const sentence : sentences_of(part))
    for (const std::string_view tag : sentence->tags) {
      if (known(tag)) continue;
      ++tokens;
      tags.emplace(tag);
    }
  if (tags.empty()) return;
  const std::vector<std::string> names(tags.begin(), tags.end());
  notices.push_back(name + ": " + std::to_string(tags.size()) + (tags.size() == 1 ? " tag (" : " tags (") +
                    joined(std::span(names).first(std::min<std::size_t>(names.size(), 10)), ", ") +
                    (names.size() > 10 ? ", ..." : "") + ") on " + grouped(tokens) +
                    (tokens == 1 ? " token was" : " tokens were") + " not in training; they count as errors");
}

std::function<bool(std::string_view)> tags_in(const Dataset& train) {
  auto tags = std::make_shared<std::set<std::string, std::less<>>>();
  for (const TaggedSentence* const sentence : sentences_of(train))
    for (const std::string_view tag : sentence->tags)
      if (!tags->contains(tag)) tags->emplace(tag);
  return [tags](std::string_view tag) { return tags->contains(tag); };
}

std::string all_names(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files)
    names.push_back(file.string());
  return joined(names, ", ");
}

/// Nobody reads a table of more tags than this.
constexpr std::size_t most_in_table = 30;

/// What the chain adds to the score of one tag after another; empty where the scheme forbids it.
std::vector<report::Block> transitions_of(const TrainedTagger& model) {
  const std::vector<std::string>& tags = model.tagger.tags();
  const std::size_t count = tags.size();
  if (model.model().weights().find("crf.transitions") == nullptr || count > most_in_table) return {};
  const Tensor scores = model.model().weights().get("crf.transitions");
  const TagRules rules = tag_rules(model.tagger.tagging().scheme, tags);
  report::Table table{.key = "transitions",
                      .title = {"Scores of transitions", "转移得分"},
                      .columns = {{"tag", {"tag", "标记"}, Form::text}},
                      .note = {"Of the tag above after the tag on the left. Empty: the scheme forbids it.",
                               "上方标记接在左侧标记之后的得分。空白：标记体系不允许。"}};
  for (std::size_t i = 0; i < count; ++i) {
    table.columns.push_back({"after_" + tags[i], {tags[i], tags[i]}, Form::number});
    std::vector<report::Entry> row = {tags[i]};
    for (std::size_t k = 0; k < count; ++k) {
      if (!rules.transitions.empty() && rules.transitions[i * count + k] == 0)
        row.emplace_back(std::string());
      else
        row.emplace_back(scores.at(static_cast<std::int64_t>(i * count + k)));
    }
    table.rows.push_back(std::move(row));
  }
  return {std::move(table)};
}

Fact fact(std::string key, Words title, const std::string& value, Json json) {
  return {.key = std::move(key), .title = std::move(title), .text = {value, value}, .json = dump_json(json)};
}

}  // namespace

std::vector<std::string> SequenceTagging::examples() {
  return {"rondo train tag sxu.train.txt --valid sxu.dev.txt --out words.rondo",
          "rondo train tag train.conll --features 2 --test test.conll --out chunks.rondo",
          "rondo train tag train.conllu --valid dev.conllu --out upos.rondo"};
}

std::vector<Verb> SequenceTagging::verbs() {
  const auto tag_run = [](const TrainedTagger& model, const TagOptions& options, const VerbCall& call) {
    tag_stream(model.tagger.tagging(), options, tags_by(model.tagger), call);
  };
  const auto segment_run = [](const TrainedTagger& model, const SegmentOptions& options,
                              const VerbCall& call) {
    segment(model.tagger.tagging(), options, tags_by(model.tagger), call);
  };
  return {verb_of<SequenceTagging, TagOptions>(
              "tag", "tag text or files of columns", "texts to tag; else standard input", +tag_run,
              {"rondo tag names.rondo < news.txt", "rondo tag upos.rondo --input conllu < test.conllu",
               "rondo tag names.rondo --format jsonl < news.txt"}),
          verb_of<SequenceTagging, SegmentOptions>(
              "segment", "cut Chinese text into words", "texts to cut; else standard input", +segment_run,
              {"rondo segment words.rondo < news.txt",
               "rondo segment words.rondo --words names.txt \"我爱北京天安门\""})};
}

void SequenceTagging::check(const Options& options, const Reading&, const PlaceOf& place) {
  check_monitor(options.training, {"loss", "accuracy", "f1"}, place);
}

Parts SequenceTagging::read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                            const TrainedTagger* model) {
  TaggedText text = read_tagged(files, reading, model == nullptr ? nullptr : &model->tagger.tagging());
  Parts parts{.notices = std::move(text.notices)};
  parts.chinese = text.tagging.reading.unit != TokenUnit::words;
  parts.train = dataset_of(std::move(text));
  if (model != nullptr)
    note_new_tags(
        parts.train, all_names(files),
        [&](std::string_view tag) { return model->model().input().tag_number(tag) >= 0; }, parts.notices);
  return parts;
}

Dataset SequenceTagging::read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts) {
  TaggedText text = read_tagged(std::span(&file, 1), reading, &tagging_of(parts.train));
  for (std::string& notice : text.notices)
    parts.notices.push_back(std::move(notice));
  Dataset part = dataset_of(std::move(text));
  note_new_tags(part, file.string(), tags_in(parts.train), parts.notices);
  return part;
}

std::vector<std::string> SequenceTagging::plan(Options& options, const Parts& parts, const PlaceOf&) {
  std::vector<std::string> reasons;
  options = Tagger::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

TrainedTagger SequenceTagging::train(const Options& options, const Parts& parts, TrainingRun run) {
  return {Tagger::train(parts.train, parts.valid, options, std::move(run))};
}

TrainedTagger SequenceTagging::load(const std::filesystem::path& file) {
  return {Tagger::load(file)};
}

Evaluation SequenceTagging::nothing() {
  return no_evaluation();
}

Evaluation SequenceTagging::evaluate(const TrainedTagger& model, const Dataset& examples, int worst) {
  return model.tagger.evaluate(examples, worst).summary;
}

std::vector<std::string> SequenceTagging::check_answering(const TrainedTagger& model,
                                                          const Answering& answering) {
  tag::check(TagOptions{.input = TagInput::text, .format = answering.format, .whole = answering.whole},
             model.tagger.tagging());
  return {};
}

std::vector<Answer> SequenceTagging::answer(const TrainedTagger& model, std::span<const std::string> lines,
                                            const Answering& answering) {
  return answers(model.tagger.tagging(), answering.whole, answering.format, lines, tags_by(model.tagger));
}

std::vector<report::Section> SequenceTagging::sections(const TrainedTagger& model, const Parts& parts,
                                                       const Evaluation&) {
  report::Histogram lengths{
      .title = {"Length of the sentences", "句子长度"}, .x_title = {"tokens", "词元数"}, .values = {}};
  for (const TaggedSentence* const sentence : sentences_of(parts.train))
    lengths.values.push_back(static_cast<std::int32_t>(sentence->tokens.size()));
  std::vector<report::Section> sections = {{{"Training data", "训练数据"}, {std::move(lengths)}}};
  std::vector<report::Block> transitions = transitions_of(model);
  if (!transitions.empty()) sections.push_back({{"Tags", "标记"}, std::move(transitions)});
  return sections;
}

std::vector<Fact> SequenceTagging::facts(const TrainedTagger& model) {
  const TaggerInput& input = model.model().input();
  const std::string unit(name_of(input.tagging.reading.unit)), scheme(name_of(input.tagging.scheme));
  const auto count = [](auto value) { return static_cast<std::int64_t>(value); };
  return {
      fact("unit", {"A token is", "词元"}, unit, unit),
      fact("scheme", {"Scheme of the tags", "标记体系"}, scheme, scheme),
      fact("tags", {"Tags", "标记"}, joined(input.tags, " "), input.tags),
      fact("vocabulary", {"Vocabulary", "词表"}, grouped(count(input.tokens.size())), input.tokens.size()),
      fact("bigrams", {"Pairs of neighbours", "相邻词元对"}, grouped(count(input.bigrams->pairs().size())),
           input.bigrams->pairs().size())};
}

}  // namespace rondo::tag
