#pragma once

#include <optional>
#include <string>

#include "core/money.h"
#include "verify/matches.h"
#include "verify/proof.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// What every check of published breaks stands on. Keeps references: all outlive it.
class BreakCheck {
 protected:
  BreakCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : engine_(engine),
        job_(job),
        breaks_(breaks),
        proof_(proof),
        shape_(row_shape(breaks.folder).schema),
        scale_(scale_of_breaks(shape_)) {}

  std::string amount_text(std::optional<Int128> amount) const {
    return amount ? format_decimal(*amount, scale_) : "(none)";
  }

  Engine& engine_;
  const RecordedJob& job_;
  const RecordedVersion& breaks_;
  Proof& proof_;
  Schema shape_;   ///< of the breaks
  int scale_ = 0;  ///< fraction digits of their amounts
};

}  // namespace tallymill::verify
