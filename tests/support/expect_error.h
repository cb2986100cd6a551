/// Expecting an Error of a kind whose message says what it should.
#pragma once
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>

namespace rondo::test {

/// Runs `call`, which must throw Error(kind) with every one of `parts` in its message.
template <class Call, class... Part>
void expect_error(ErrorKind kind, Call&& call, const Part&... parts) {
  try {
    call();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), kind) << message;
    EXPECT_THAT(message, testing::StartsWith(std::string(name_of(kind)) + ": "));
    EXPECT_THAT(message, testing::Not(testing::HasSubstr("\n"))) << "a message is one line";
    for (const std::string& part : {std::string(parts)..., std::string()})
      EXPECT_THAT(message, testing::HasSubstr(part));
    return;
  }
  ADD_FAILURE() << "expected an error of kind " << name_of(kind);
}

}  // namespace rondo::test
