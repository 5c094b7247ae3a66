#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/store/apply.h"
#include "scheduler/store/database.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// The last event of the chain; number 0 and an empty hash in an empty store.
struct ChainHead {
  std::int64_t number = 0;
  std::string hash;
};

struct StoreOpening {
  std::string expected_id = {};   ///< no other store will do, and none is created; empty: any
  std::string state_folder = {};  ///< the id of the folder that a new store belongs to
};

/// The one writer of a store: appends events and applies them in the same transaction. The caller
/// holds flock(<state>/lock) for as long as the store lives; on PostgreSQL the connection holds a
/// lock of the database, too.
///
/// append() only buffers (group commit): nothing may be spawned, signalled or said to a person
/// before the commit() that holds its event has returned. After an exception the store takes
/// nothing more; the process ends, and the next one goes on from the last commit.
class Store {
 public:
  /// Opens or creates the store and migrates it. After an unclean stop the file is checked first;
  /// a damaged one is refused. `who` is recorded with every event.
  /// Throws Error(config) if it is not the expected store.
  Store(const StoreAddress& address, std::string who, const StoreOpening& opening = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Appends and applies; returns the event's number. Visible to view() at once, to others and
  /// after a crash only when committed.
  std::int64_t append(Event event);
  /// The same with a number of `at_least`: those before it are never given. Only a restore does so.
  std::int64_t append_after_gap(Event event, std::int64_t at_least);
  /// Asked after every event for those that follow from it; they are appended at once, so that no
  /// commit comes between.
  using FollowUp = std::function<std::vector<Event>(const StoredEvent& cause)>;
  void set_follow_up(FollowUp follow_up) { follow_up_ = std::move(follow_up); }
  /// Does nothing if there is nothing to commit.
  void commit();
  std::int64_t uncommitted() const { return uncommitted_; }

  /// In whose name events are appended while the returned object lives: a request of somebody
  /// else's, say. Otherwise it is whoever the store was opened for.
  class [[nodiscard]] ActingFor {
   public:
    ActingFor(Store& store, std::string who) : store_(store), before_(std::move(who)) {
      std::swap(store_.who_, before_);
    }
    ~ActingFor() { std::swap(store_.who_, before_); }
    ActingFor(const ActingFor&) = delete;
    ActingFor& operator=(const ActingFor&) = delete;

   private:
    Store& store_;
    std::string before_;
  };
  const std::string& who() const { return who_; }

  StoreView& view() { return view_; }
  const std::string& store_id() const { return store_id_; }
  /// Of the state folder that the store belongs to; empty: none yet.
  const std::string& state_folder_id() const { return state_folder_; }
  const ChainHead& head() const { return head_; }
  const ChainHead& committed_head() const { return committed_; }

 private:
  void require_sound() const;
  void require_expected(const std::string& expected_id) const;
  void create(const std::string& state_folder);
  void load();
  StoredEvent append_one(Event event, std::int64_t at_least = 0);

  bool may_be_damaged_;  ///< known before the file is opened, so it stands first
  Database database_;
  StoreView view_;
  std::string who_;
  std::string store_id_;
  std::string state_folder_;
  ChainHead head_;
  ChainHead committed_;
  std::int64_t uncommitted_ = 0;
  FollowUp follow_up_;
  std::string failure_;  ///< why nothing more is written
};

/// Writes the row of the chain alone; apply_event() does the rest.
void insert_event(Database& database, const StoredEvent& stored);

/// The events `which` selects: what follows FROM in SQL, with parameters :p0, :p1, ...
std::vector<StoredEvent> read_events(Database& database, std::string_view which,
                                     const std::vector<StoreValue>& parameters);

/// What verify_chain() found.
struct ChainReport {
  std::int64_t events = 0;
  ChainHead head;
  std::int64_t broken_at = 0;  ///< number of the first event that does not fit; 0: all fit
  std::string problem;
};

/// Walks the whole chain: numbers without gaps but those that a restore leaves, every `previous`
/// the hash before, every hash right. Every event that fits is given to `take`.
ChainReport walk_chain(Database& database, const std::function<void(const StoredEvent&)>& take);
ChainReport verify_chain(Database& database);
/// Replays the chain into an empty store `copy` and names the first table that differs; empty if
/// none does. The proof that state is a function of events.
std::string replay_difference(Database& database, const std::filesystem::path& copy);

}  // namespace tallymill
