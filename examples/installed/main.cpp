// A program of another project that uses an installed rondo: it learns from texts in memory.
#include <iostream>
#include <string>
#include <vector>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

int main() {
  try {
    const std::vector<std::string> texts = {"lights on",  "turn on the lights",  "switch the lights on",
                                            "lights off", "turn off the lights", "switch the lights off"};
    const std::vector<std::string> labels = {"on", "on", "on", "off", "off", "off"};
    const auto commands = data::labelled_text(texts, labels);

    Sequential model{Tokens{.tokenizer = Tokenizer::words}, Embedding{.dim = 8}, GRU{.units = 8},
                     Dense{.units = 2, .activation = Activation::softmax}};
    model.compile(
        {.optimizer = optim::Adam{.learning_rate = 0.05F}, .loss = Loss::categorical_cross_entropy});
    model.fit(commands, {.epochs = 30});
    std::cout << model.predict("lights on please").label << '\n';
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
