#include "datasets/row_bytes.h"

namespace tallymill {

ColumnEncoding encoding_of(const Type& type) {
  if (type.is_decimal())
    return {type.precision > 18 ? Encoding::wide : Encoding::narrow, static_cast<char>(type.scale)};
  switch (type.kind) {
    case TypeKind::integer:
      return {Encoding::integer};
    case TypeKind::date:
      return {Encoding::date};
    case TypeKind::timestamp:
      return {Encoding::timestamp};
    case TypeKind::boolean:
      return {Encoding::boolean};
    default:
      return {Encoding::text};
  }
}

}  // namespace tallymill
