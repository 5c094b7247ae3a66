#pragma once

#include <chrono>
#include <string>

#include "core/json.h"

namespace tallymill {

/// What the scheduler asks a courier to do: one try to deliver one message by one channel.
struct Errand {
  std::string id;         ///< the same at every try
  std::string workspace;  ///< the folder; commands run there
  std::string type;       ///< command, mail, webhook
  json::object channel;   ///< the channel's options, secrets included
  json::object message;
  std::chrono::milliseconds timeout{30'000};

  /// Throws Error(data) if it is no errand of a known format.
  static Errand from_json(std::string_view text);
};

/// How the try ended.
struct Delivery {
  bool delivered = false;
  bool retry = true;  ///< the next try may succeed: nobody answered, "come back later"
  std::string error;  ///< no secret of the channel stands in it
};

/// Delivers; never throws. Takes no longer than the errand's timeout, about.
Delivery deliver(const Errand& errand);

// One function per type of channel. They throw Error(transient) where a later try may succeed and
// Error(config) where it cannot.
void run_command(const Errand& errand);
void send_mail(const Errand& errand);
void post_webhook(const Errand& errand);

/// The message as text for people: a sentence, details, what to type.
std::string message_text(const Errand& errand);
/// "[books] failed: job gl of run month_end.2026-01.1 failed (data)", one line.
std::string subject_line(const Errand& errand);
/// What programs get: the message with its id, as one JSON object.
json::object message_document(const Errand& errand);

/// `text` with every secret of the channel (passwords, header values, a URL's user and query)
/// replaced by "***".
std::string without_secrets(std::string text, const Errand& errand);

}  // namespace tallymill
