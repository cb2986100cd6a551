// rondo export: parts of a model in formats that other programs read.
#include <algorithm>

#include <fmt/format.h>

#include <rondo/model.h>
#include <rondo/tasks/classify.h>

#include "base/files.h"
#include "base/message.h"
#include "model_argument.h"
#include "paths.h"
#include "program.h"
#include "usage.h"

namespace rondo::program {
namespace {

struct ExportEmbeddings {
  std::string model, out;

  int run() const;
};

/// The name of the model's embedding layer. Error(format) if it has none.
std::string name_of_embedding(const Sequential& model, const std::string& file) {
  for (std::size_t i = 0; i < model.layers().size(); ++i)
    if (std::holds_alternative<layers::Embedding>(model.layers()[i])) return model.layer_names()[i];
  fail(ErrorKind::format, fmt::format("'{}' has no embedding layer", file));
}

/// A token as one word of the format, in which a space would end the word.
std::string one_word(std::string_view token) {
  std::string word(token);
  for (std::size_t at = 0; (at = word.find(' ', at)) != std::string::npos;)
    word.replace(at, 1, "▁");
  return word;
}

/// The network of a model, which may have a wide branch beside it.
Sequential network_of(const std::string& file) {
  if (model_info(file).kind != ModelKind::wide) return load(file);
  TextClassifier classifier = TextClassifier::load(file);
  if (!classifier.has_network())
    fail(ErrorKind::format, fmt::format("'{}' is a wide branch alone: it has no token vectors", file));
  note("the vectors are the network's; the wide branch has none and is not exported");
  return std::move(classifier.model());
}

int ExportEmbeddings::run() const {
  refuse_standard_output(out);
  if (same_file(model, out))
    fail(ErrorKind::option, "--out " + quote(out) + " is the model itself; give the vectors another file");
  const Sequential network =
      loaded("export embeddings", model, {}, [](const std::string& file) { return network_of(file); });
  const Tensor table = network.weights().get(name_of_embedding(network, model) + ".weight");
  const Vocab& vocab = network.encoder().vocab();
  // A model from C++ may have more rows than tokens (Embedding::vocab).
  const std::int64_t rows = std::min<std::int64_t>(table.rows(), vocab.size());
  const auto values = table.data<float>();
  write_file_atomically(out, [&](AtomicFile& file) {
    file.write(fmt::format("{} {}\n", rows, table.columns()));
    for (std::int64_t row = 0; row < rows; ++row) {
      std::string line = one_word(vocab.token(static_cast<std::int32_t>(row)));
      for (std::int64_t i = 0; i < table.columns(); ++i)
        line += fmt::format(" {}", values[static_cast<std::size_t>(row * table.columns() + i)]);
      file.write(line + "\n");
    }
  });
  note(fmt::format("{} vectors of {} written to '{}'", rows, table.columns(), out));
  return 0;
}

}  // namespace

void add_export(const Commands& commands) {
  const auto embeddings = std::make_shared<ExportEmbeddings>();
  CLI::App* parent = commands.app.add_subcommand("export", "write parts of a model for other programs");
  parent->require_subcommand(0, 1);
  CLI::App* command =
      parent->add_subcommand("embeddings", "write the token vectors in word2vec's text format");
  command->add_option("MODEL", embeddings->model, "model file")->required();
  command->add_option("--out", embeddings->out, "text file to write")
      ->required()
      ->type_name("FILE")
      ->group(required_section);
  command->callback(
      [&action = commands.action, embeddings] { action = [embeddings] { return embeddings->run(); }; });
}

}  // namespace rondo::program
