// A program that uses protobuf itself learns and uses subwords, whose library brings another protobuf along.
#include <iostream>
#include <string>
#include <vector>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <rondo/text.h>

namespace {

bool own_protobuf_works(const std::string& text) {
  google::protobuf::Struct message, again;
  (*message.mutable_fields())["text"].set_string_value(text);
  std::string json;
  return again.ParseFromString(message.SerializeAsString()) &&
         again.fields().at("text").string_value() == text &&
         google::protobuf::util::MessageToJsonString(again, &json).ok() && json.find(text) != json.npos;
}

bool subwords_work() {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i)
    texts.push_back("the cats numbered " + std::to_string(i) + " were purring");
  const rondo::TextEncoder encoder =
      rondo::TextEncoder::learn(texts, {.tokenizer = rondo::Tokenizer::subwords, .max_size = 100});
  const rondo::TextEncoder again = rondo::TextEncoder::from_json(encoder.to_json());
  return again.decode(again.encode(texts[5]).tokens) == texts[5];
}

}  // namespace

int main() {
  const bool good =
      own_protobuf_works("before") && subwords_work() && own_protobuf_works("after") && subwords_work();
  google::protobuf::ShutdownProtobufLibrary();
  std::cout << (good ? "both work\n" : "one of them fails\n");
  return good ? 0 : 1;
}
