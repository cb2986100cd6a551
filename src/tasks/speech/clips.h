/// Clips as a Dataset, and how they are read.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/speech.h>

namespace rondo::speech {

/// The clips of a dataset, in its order.
std::vector<const SpeechClip*> clips_in(const Dataset& clips);
/// A clip's sound, from memory or from its file.
Sound sound_of(const SpeechClip& clip);
/// What texts are compared and learned by: NFC, white space as single blanks.
std::string tidy(std::string_view text);
/// What is learned of texts like these: classes where each recurs often, else CTC.
SpeechAnswer answer_of(const std::vector<std::string>& texts);
Dataset read_files(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
                   std::vector<std::string>* notices);

}  // namespace rondo::speech
