#include "connectors/publication.h"

#include "core/error.h"

namespace tallymill {

json::object publication_to_json(const Publication& publication) {
  return {{"graph", publication.graph},          {"job", publication.job},
          {"period", publication.period},        {"partition", publication.partition},
          {"epoch", publication.epoch.number},   {"nonce", publication.epoch.nonce},
          {"store", publication.epoch.store_id}, {"digest", publication.digest}};
}

Publication publication_from_json(const json::value& value, std::string_view what) {
  if (!value.is_object())
    throw Error(ErrorClass::data, std::string(what) + " is no publication marker");
  const json::object& object = value.as_object();
  return {json_text(object, "graph"),
          json_text(object, "job"),
          json_text(object, "period"),
          json_text(object, "partition"),
          {json_integer(object, "epoch"), json_text(object, "nonce"), json_text(object, "store")},
          json_text(object, "digest")};
}

void require_newer(const Publication& theirs, const Publication& ours, const std::string& target,
                   const std::string& marker) {
  const std::string take_over = "; to hand the target over to this job, remove " + marker;
  if (theirs.graph != ours.graph || theirs.job != ours.job)
    throw Error(ErrorClass::config, target + " is written by job '" + theirs.job + "' of graph '" +
                                        theirs.graph + "'" + take_over);
  if (theirs.epoch.store_id != ours.epoch.store_id)
    throw Error(ErrorClass::config, target + " was last written from another state folder (store " +
                                        theirs.epoch.store_id + ")" + take_over);
  if (theirs.epoch.number > ours.epoch.number ||
      (theirs.epoch.number == ours.epoch.number && theirs.epoch.nonce != ours.epoch.nonce))
    throw Error(ErrorClass::config,
                target + " already holds what a newer attempt published (epoch " +
                    std::to_string(theirs.epoch.number) + ", this one is " +
                    std::to_string(ours.epoch.number) + "); nothing was written");
}

}  // namespace tallymill
