#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>

#include "core/error.h"
#include "courier/errand.h"

using namespace tallymill;

int main() {
  Delivery delivery;
  try {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    const Errand errand = Errand::from_json(text);
    // The kernel ends a courier that hangs where no timeout reaches, and its scheduler hears of it.
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(errand.timeout).count() + 5;
    ::alarm(static_cast<unsigned>(std::clamp<std::int64_t>(seconds, 1, 3600)));
    delivery = deliver(errand);
  } catch (const std::exception& error) {
    delivery = {false, false, error.what()};
  }
  std::cout << json::serialize(json::object{{"delivered", delivery.delivered},
                                            {"retry", delivery.retry},
                                            {"error", delivery.error}})
            << std::flush;
  return delivery.delivered ? 0 : 1;
}
