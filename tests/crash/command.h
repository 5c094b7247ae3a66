#pragma once

#include <string>

namespace tallymill::crash {

/// Something asked of a service over its socket, and what was heard about it.
struct Command {
  enum class Kind { run, rerun, pause, resume, cancel, approve, reject, mark, correct };
  enum class Answer {
    none,          ///< the service died, or was slow: it may have happened, wholly, or not at all
    acknowledged,  ///< it has happened, for good
    refused,       ///< it has not happened, and never will
  };

  Kind kind = Kind::run;
  std::string mark;  ///< a word of its own that it gives as its reason: "w17."
  std::string run;   ///< that it is about; of a run or rerun: that the answer named
  std::string job;   ///< "clean[north]"; empty: the whole run
  std::string of;    ///< of a rerun: the run; of a correction: the graph
  Answer answer = Answer::none;
  bool goes_on = false;  ///< of a run: there was an open one already
  long long head = 0;    ///< the store's last event, seen behind the acknowledgement
};

}  // namespace tallymill::crash
