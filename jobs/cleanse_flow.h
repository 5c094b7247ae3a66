#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jobs/flow_projection.h"
#include "jobs/flow_rows.h"
#include "jobs/job.h"

namespace tallymill {

/// How a row leaves a cleanse.
enum class Leaving { rejected, merged, filtered };
std::string_view to_string(Leaving leaving);  ///< also the name of the ledger's entry

/// A reason why rows leave, as SQL over the flow's current columns.
struct Mark {
  Leaving leaving = Leaving::rejected;
  std::string reason;         ///< VARCHAR: the code where a row leaves, null where it stays
  std::string reasons = {};   ///< all codes joined by ';' where there may be several; empty: reason
  std::string message;        ///< VARCHAR for people; evaluated only for rows that leave
  std::string survivor = {};  ///< VARCHAR: with Leaving::merged, what the surviving row is known by
};

/// What the steps of a cleanse have made of its input so far: one SELECT that grows a projection a
/// step, so that all steps run in one pass over the rows.
///
/// Marked rows stay in the flow to its end: later steps see them too, and a row carries all its
/// reasons. Steps put what they need between two projections into hidden columns.
class CleanseFlow {
 public:
  /// What is remembered of cells that steps write: nothing, whether they changed, or also what they
  /// were.
  enum class Changes { none, counts, all };

  /// `relation` gives the schema's columns and, if it has them, the provenance columns.
  CleanseFlow(JobContext& context, Schema input, const std::string& relation,
              std::vector<std::string> balance, Changes changes = Changes::none);

  JobContext& context() { return context_; }
  const Schema& schema() const { return schema_; }
  /// The column, or nothing after reporting at `where` that there is none.
  std::optional<Column> column(const std::string& name, const SourcePosition& where);
  /// The same for steps that work on texts only.
  std::optional<Column> text_column(const std::string& name, const SourcePosition& where);
  /// A name a step makes up for a new column; reports reserved ones.
  bool may_be_named(const std::string& name, const SourcePosition& where);

  /// `label` names the step in evidence: "step 2: map".
  void begin_step(std::string label);

  /// Replaces or adds a column. `expression` has exactly the column's SQL type.
  void set(const Column& column, const std::string& expression);
  /// Evaluates `expression` once; the result names the hidden column that holds it.
  std::string keep(const std::string& expression);
  /// The same for what may be set aside with its row: it has this type.
  std::string keep(const std::string& expression, const Type& type);
  /// Joins `relation` as m to the flow's rows t on `condition`, at most one row each, and keeps
  /// `expression`.
  std::string keep_joined(const std::string& relation, const std::string& condition,
                          const std::string& expression);
  void mark(const Mark& mark);
  /// Evidence beside the rows, `<job>.<evidence>`: a line for each row that stays in the end and
  /// for which `condition` is true now. `fields` are names and VARCHARs, the same ones wherever the
  /// evidence is the same.
  struct Note {
    std::string evidence;
    std::string condition;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string step = {};  ///< filled in by note()
  };
  void note(Note note);
  const std::vector<Note>& notes() const { return notes_; }
  /// Counts the rows where `condition` is true, for the report: "rule x not applicable".
  void tally(const std::string& name, const std::string& condition);

  /// Binds an SQL text of the user over the current columns: its parameters, and its type against
  /// `target`. Empty after reporting. The result casts to the target's SQL type.
  std::optional<std::string> bind(const std::string& sql, const Type& target,
                                  const SourcePosition& where);
  /// Keeps the value of a bound expression that may fail on a row (overflow): the names of the
  /// hidden value and of a boolean that is true where it failed.
  struct Guarded {
    std::string value;   ///< SQL; null where it failed
    std::string failed;  ///< SQL
  };
  Guarded keep_guarded(const std::string& expression);

  /// True where a row was marked by an earlier step.
  std::string is_marked() const;
  /// SQL text of all reasons so far; null where there is none.
  std::string reasons_so_far() const;
  /// An order that ends in every column and the provenance, for ties; "a, b, _source, _line".
  std::string total_order() const;
  /// VARCHAR of all values of a row, for rows that have no place in a source.
  std::string all_values() const;
  /// What follows until widen() is asked only of rows that are `comparable` and equal in `keys` to
  /// another one, and is null for all others: rows that are like none need be neither sorted nor
  /// stored. `keys` are columns, also hidden ones.
  void narrow_to_alike(const std::vector<Column>& keys, const std::string& comparable);
  /// Between the two: what is asked is first asked with the text `tie_breaker` left out, and as it
  /// stands only if the hidden boolean `is_tied` is true of a row then.
  void try_without(const std::string& tie_breaker, const std::string& is_tied);
  void widen();
  /// What the steps so far made needs all rows at once, or costs too much to be made twice.
  void store_rows() { is_costly_ = true; }
  /// Stores what is to be stored of the `rows` of the input. Called once, behind all steps and in
  /// front of what follows.
  void prepare(std::int64_t rows);
  /// Whether rows that may be like others are set aside while the others are written: select() and
  /// its like are there only when both of the following were called, and the first one was read.
  bool sets_aside() const;
  /// select() of the others, to be read once and whole.
  std::string select_passing() const;
  /// select() of the rows that were set aside.
  std::string select_set_aside();

  /// The rows as the steps so far have made them, behind FROM; nothing of it is stored.
  std::string rows() const { return "(SELECT * " + made_of("FROM " + relation_, 0) + ")"; }
  /// The whole flow: columns, provenance, tm_leaving (null: it stays), tm_stays, _reason, _reasons,
  /// _rule, _message, _survivor, and hidden columns.
  std::string select() const { return told_of(made_of(source_, since_)); }
  /// False if no row can leave.
  bool has_marks() const { return !marks_.empty(); }

  /// A balanced column as it was before each step that wrote it, and at the end.
  struct BalanceStage {
    std::string step;    ///< that wrote the column next; empty for the end
    std::string column;  ///< of select()
    Type type;
  };
  /// By balanced column, in order; the last is the end. A column made here starts with its making.
  const std::map<std::string, std::vector<BalanceStage>>& balance() const { return balance_; }
  /// A column that a step wrote over: SQL over select() of its cells before and after.
  struct CellStage {
    std::string step;
    std::string column;
    std::string before;
    std::string after;
    std::string changed;  ///< boolean: a cell of another type has changed only if it reads so
    bool is_sensitive;
  };
  /// In step order; empty unless the flow keeps changes. A column made here has no cells before.
  std::vector<CellStage> changes() const;
  /// What tally() asked for: name and boolean hidden column.
  const std::vector<std::pair<std::string, std::string>>& tallies() const { return tallies_; }
  /// True if the balanced column was in the input, so that `in` can be counted there.
  bool is_from_input(const std::string& column) const;

 private:
  struct Marked {
    Leaving leaving;
    std::string step;
    std::string reason;
    std::string reasons;
    std::string message;
    std::string survivor;
  };
  void project(std::string name, std::string expression, bool replaces);
  std::string made_of(const std::string& source, std::size_t since) const;
  std::string told_of(const std::string& rows) const;
  std::string next_hidden();
  std::vector<Column> needed_columns(std::vector<std::string> also) const;
  FlowRows stored(std::vector<std::string> also) const;
  void store(std::vector<std::string> also);
  void note_balance(const Column& column);
  void write(const Column& column, const std::string& expression);

  struct KeptCells {
    std::string step;
    Column before;
    std::string kept;
    std::string changed;
  };

  JobContext& context_;
  Schema input_;
  Schema schema_;
  std::string relation_;  ///< the input
  std::vector<FlowProjection> projections_;
  std::string source_;     ///< FROM clause of the rows before projection `since_`
  std::size_t since_ = 0;  ///< the first that is not stored
  std::string step_;
  std::vector<FlowRows> stored_;
  std::vector<Marked> marks_;
  std::vector<std::pair<std::string, std::string>> tallies_;
  std::map<std::string, std::vector<BalanceStage>> balance_;
  std::vector<KeptCells> kept_cells_;
  std::vector<Note> notes_;
  std::map<std::string, Type> hidden_types_;  ///< of those that may be set aside
  int hidden_ = 0;
  int last_wide_ = 0;  ///< hidden column before narrow_to_alike()
  Changes changes_ = Changes::none;
  bool is_costly_ = false;
};

}  // namespace tallymill
