/// User-defined networks: a plain struct of modules and operations that computes its loss on a batch.
///
///     struct Tagger {                                      // predicts a class for each step
///       using Input = data::Features;
///       struct Options {
///         int units = 64;
///         static constexpr auto fields() {
///           return std::tuple{field("units", &Options::units, "size of the state", 1, 4096)};
///         }
///       };
///       nn::LSTM read;
///       nn::Dense label;
///       std::vector<std::string> classes;
///
///       Tagger(const Scope& in, const Input& input, const Options& o)
///           : read(in / "read", input.features, {.units = o.units, .return_sequences = true}),
///             label(in / "label", o.units, {.units = static_cast<int>(input.classes.size())}),
///             classes(input.classes) {}
///       Sequences outputs(const data::Batch& batch) const {
///         return label(read(Sequences(batch.features, batch.layout)));
///       }
///       BatchLoss loss(const data::Batch& batch) const {   // a mean over steps
///         return {.loss = cross_entropy(outputs(batch).rows(), batch.labels),
///                 .weight = static_cast<double>(batch.layout->rows())};
///       }
///     };
///     static_assert(all_fields_listed<Tagger::Options>);   // after the class, where it is complete
///
///     Model<Tagger> model(data::Features::learn(train), {.units = 128});
///     model.compile({.optimizer = optim::Adam{.learning_rate = 0.01F}, .metrics = {accuracy}});
///     model.fit(train, {.epochs = 5, .validation = valid,
///                       .callbacks = {callbacks::EarlyStopping{.monitor = "val_accuracy"}}});
///     std::vector<Tensor> scores = model.outputs(test);    // [steps, classes] each
///     model.save("tagger.rondo");                          // input, options and weights
///
/// network/hooks.h lists the members that such a struct may have. network/model.h shows what a Model does
/// with them.
#pragma once
#include <rondo/network/hooks.h>   // NetworkInput, Network, NetworkMetric, ...
#include <rondo/network/inputs.h>  // data::Texts, data::Features
#include <rondo/network/model.h>   // Model
#include <rondo/network/stream.h>  // NetworkStream
